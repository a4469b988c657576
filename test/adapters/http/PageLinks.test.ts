import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { pageLinks } from "../../../src/adapters/http/PageLinks.ts"

const url = "https://rookery.example/base/api/v1/contacts"

/** The targets of a `Link`, by their relation. */
const targets = (link: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...link.matchAll(/<([^<>]*)>; rel="(\w+)"(?:, |$)/g)].map(([, target = "", rel = ""]) => [rel, target])
  )

const skips = (page: { readonly skip: number; readonly limit: number; readonly total: number }) =>
  Object.fromEntries(
    Object.entries(targets(pageLinks({ url, ...page }))).map(([rel, target]) => {
      const { searchParams } = new URL(target)
      assert.strictEqual(searchParams.get("limit"), String(page.limit))
      return [rel, Number(searchParams.get("skip"))]
    })
  )

describe("the links of a page", () => {
  it("lead to the parts around it", () => {
    assert.deepStrictEqual(skips({ skip: 0, limit: 20, total: 41 }), { first: 0, next: 20, last: 40 })
    assert.deepStrictEqual(skips({ skip: 20, limit: 20, total: 41 }), { first: 0, prev: 0, next: 40, last: 40 })
    assert.deepStrictEqual(skips({ skip: 40, limit: 20, total: 41 }), { first: 0, prev: 20, last: 40 })
    assert.deepStrictEqual(skips({ skip: 0, limit: 20, total: 40 }), { first: 0, next: 20, last: 20 })
  })

  it("are two where there is one part, or none", () => {
    assert.deepStrictEqual(skips({ skip: 0, limit: 20, total: 20 }), { first: 0, last: 0 })
    assert.deepStrictEqual(skips({ skip: 0, limit: 20, total: 0 }), { first: 0, last: 0 })
  })

  it("lead back from beyond the end", () => {
    assert.deepStrictEqual(skips({ skip: 100, limit: 20, total: 41 }), { first: 0, prev: 40, last: 40 })
    assert.deepStrictEqual(skips({ skip: 60, limit: 20, total: 0 }), { first: 0, prev: 0, last: 0 })
  })

  it("keep what else was asked for, as it was written", () => {
    const search = 'a&b=<c>; "d", é%'
    const link = pageLinks({ url, skip: 0, limit: 2, total: 3, query: { search, other: undefined } })
    const { next = "" } = targets(link)
    assert.isTrue(next.startsWith(`${url}?`))
    assert.deepStrictEqual(Object.fromEntries(new URL(next).searchParams), { search, skip: "2", limit: "2" })
    assert.match(link, /^[\x20-\x7e]+$/)
  })

  const size = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))
  it.prop(
    "lead through all of the list, to the last part, and to no empty one",
    { begin: size(0, 300), limit: size(1, 100), total: size(0, 300) },
    ({ begin, limit, total }) => {
      let at: number | undefined = begin
      let seen = 0
      while (at !== undefined) {
        const links: Readonly<Record<string, number>> = skips({ skip: at, limit, total })
        assert.isBelow(links["last"] ?? 0, Math.max(1, total))
        seen += Math.max(0, Math.min(limit, total - at))
        if (links["next"] === undefined && at < total) assert.strictEqual(at, links["last"])
        at = links["next"]
      }
      assert.strictEqual(seen, Math.max(0, total - begin))
    }
  )
})
