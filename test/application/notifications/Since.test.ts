import { assert, describe, it } from "@effect/vitest"
import { DateTime, Option } from "effect"
import { parseSince } from "../../../src/application/notifications/Since.ts"

const read = (text: string) =>
  Option.match(parseSince(text), {
    onNone: () => undefined,
    onSome: (since) => (since._tag === "After" ? since.id : DateTime.formatIso(since.time))
  })

describe("since", () => {
  it("is the id of an event", () => {
    assert.deepStrictEqual(["0", "1", "007", "999999999999999"].map(read), [0, 1, 7, 999_999_999_999_999])
  })

  it("or a time with its zone, however it is spelled", () => {
    for (const text of [
      "2026-11-20T16:42:10.123Z",
      "2026-11-20T16:42:10.123000z",
      "2026-11-20 16:42:10,123Z",
      "2026-11-20T18:42:10.123+02:00",
      // What a plus in a query is read as.
      "2026-11-20T18:42:10.123 02:00",
      "2026-11-20T18:42:10.123+0200"
    ]) {
      assert.strictEqual(read(text), "2026-11-20T16:42:10.123Z", text)
    }
    assert.strictEqual(read("2026-11-20T16:42Z"), "2026-11-20T16:42:00.000Z")
  })

  it("and nothing else", () => {
    for (const text of [
      "",
      " ",
      "-1",
      "1.5",
      "1e3",
      "9999999999999999",
      "yesterday",
      "2026-11-20",
      "2026-11-20T16:42:10",
      "2026-13-20T16:42:10Z",
      "2026-11-20T25:42:10Z",
      "2026-11-20T16:42:10+99:00",
      "null"
    ]) {
      assert.isUndefined(read(text), text)
    }
  })
})
