import { assert, describe, it } from "@effect/vitest"
import { Effect, Logger, Option, References, Stream } from "effect"
import { HttpServerResponse } from "effect/http"
import { jsonArray } from "../../../src/adapters/http/JsonArray.ts"
import { RequestInfo } from "../../../src/adapters/http/RequestInfo.ts"
import { listing, pageSize } from "../../../src/domain/shared/Listing.ts"

const items = (count: number) => Array.from({ length: count }, (_, index) => ({ id: index + 1 }))

const sent = (count: number, gone = Number.POSITIVE_INFINITY) =>
  Effect.gen(function* () {
    const rows = items(count)
    let pages = 0
    const listed = yield* listing((after, limit) => {
      pages++
      return after >= gone
        ? Effect.fail("gone" as const)
        : Effect.succeed(rows.filter((row) => row.id > after).slice(0, limit))
    })
    const response = HttpServerResponse.toWeb(yield* jsonArray(listed, (row) => row))
    return { body: yield* Effect.promise(() => response.json()), pages, streamed: Option.isSome(listed.rest) }
  })

describe("jsonArray", () => {
  it.effect.each([0, 1, pageSize - 1, pageSize, pageSize + 1, 3 * pageSize, 3 * pageSize + 7])(
    "sends all of %i items in order",
    (count) =>
      Effect.gen(function* () {
        const { body, streamed } = yield* sent(count)
        assert.deepStrictEqual(body, items(count))
        assert.strictEqual(streamed, count >= pageSize)
      })
  )

  it.effect("sends a short list in one piece, from one page", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* sent(10)).pages, 1)
    })
  )

  it.effect("ends the list where its parent has gone meanwhile", () =>
    Effect.gen(function* () {
      assert.lengthOf(yield* Effect.map(sent(3 * pageSize, pageSize), ({ body }) => body), pageSize)
    })
  )

  it.effect("logs what breaks in the middle, with the id of the request", () =>
    Effect.gen(function* () {
      const lines: Array<{ readonly message: unknown; readonly annotations: unknown }> = []
      const logger = Logger.make(({ fiber, message }) => {
        lines.push({ message, annotations: fiber.getRef(References.CurrentLogAnnotations) })
      })
      const state = { id: "request-7", limitKey: "", route: "/contacts", allowances: new Map() }
      const read = Effect.gen(function* () {
        const listed = yield* listing((after) => (after === 0 ? Effect.succeed(items(pageSize)) : Effect.die("broken")))
        const response = yield* jsonArray(listed, (row) => row)
        return response.body._tag === "Stream" ? yield* Effect.exit(Stream.runDrain(response.body.stream)) : undefined
      })
      const exit = yield* read.pipe(Effect.provideService(RequestInfo, state), Effect.provide(Logger.layer([logger])))
      assert.strictEqual(exit?._tag, "Failure")
      assert.deepInclude(lines[0]?.annotations, { requestId: "request-7", route: "/contacts" })
    })
  )

  it.effect("reads no page before it is asked for", () =>
    Effect.gen(function* () {
      let pages = 0
      const listed = yield* listing((after) => {
        pages++
        return Effect.succeed(Array.from({ length: pageSize }, (_, index) => ({ id: after + index + 1 })))
      })
      assert.strictEqual(pages, 1)
      yield* Stream.runDrain(Stream.take(Option.getOrThrow(listed.rest), 2))
      assert.isAtMost(pages, 4)
    })
  )
})
