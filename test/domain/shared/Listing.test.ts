import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Stream } from "effect"
import { listing, listingFrom } from "../../../src/domain/shared/Listing.ts"

const items = Array.from({ length: 10 }, (_, index) => ({ id: 10 * (index + 1) }))

/** Pages of the items, and what was asked for. */
const pages = () => {
  const asked: Array<readonly [after: number, limit: number]> = []
  const page = (after: number, limit: number) =>
    Effect.sync(() => {
      asked.push([after, limit])
      return items.filter(({ id }) => id > after).slice(0, limit)
    })
  return { asked, page }
}

describe("a listing", () => {
  for (const size of [1, 3, 5, 7, 10, 11, 500]) {
    it.effect(`has every item once, ${size} at a time`, () =>
      Effect.gen(function* () {
        const { asked, page } = pages()
        const { first, rest } = yield* listing(page, size)
        assert.lengthOf(asked, 1)
        const others = Option.isNone(rest) ? [] : yield* Stream.runCollect(rest.value)
        assert.deepStrictEqual([...first, ...others.flat()], items)
        assert.isTrue(Option.isNone(rest) || first.length === size)
      })
    )

    for (const limit of [1, 2, 5, 6, 7, 10, 100]) {
      it.effect(`of ${limit} items has no more, ${size} at a time, and asks for no more`, () =>
        Effect.gen(function* () {
          const { asked, page } = pages()
          const { first, rest } = listingFrom(yield* page(0, Math.min(size, limit)), page, size, limit)
          const others = Option.isNone(rest) ? [] : yield* Stream.runCollect(rest.value)
          const all = [...first, ...others.flat()]
          assert.deepStrictEqual(all, items.slice(0, limit))
          assert.isTrue(asked.every(([, wanted]) => wanted > 0))
          const most = asked.reduce((sum, [, wanted]) => sum + wanted, 0)
          assert.isAtMost(most, Math.max(limit, size))
          if (limit <= items.length) assert.strictEqual(most, limit)
        })
      )
    }
  }

  it.effect("that is empty has nothing to come", () =>
    Effect.gen(function* () {
      const { asked, page } = pages()
      assert.deepStrictEqual(listingFrom([], page, 3, 10), { first: [], rest: Option.none() })
      assert.deepStrictEqual(yield* listing(() => Effect.succeed([])), { first: [], rest: Option.none() })
      assert.deepStrictEqual(asked, [])
    })
  )
})
