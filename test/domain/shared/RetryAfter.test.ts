import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration } from "effect"
import { retryAfter } from "../../../src/domain/shared/RetryAfter.ts"

const now = DateTime.makeUnsafe("2026-11-20T12:00:00Z")
const seconds = (header: string | undefined) => {
  const asked = retryAfter(header, now)
  return asked === undefined ? undefined : Duration.toSeconds(asked)
}

describe("retryAfter", () => {
  it("reads seconds", () => {
    assert.strictEqual(seconds("120"), 120)
    assert.strictEqual(seconds(" 0 "), 0)
  })

  it("reads each of the three forms of an HTTP date", () => {
    assert.strictEqual(seconds("Fri, 20 Nov 2026 12:01:30 GMT"), 90)
    assert.strictEqual(seconds("Friday, 20-Nov-26 12:01:30 GMT"), 90)
    assert.strictEqual(seconds("Fri Nov 20 12:01:30 2026"), 90)
  })

  it("takes a date that has passed as now", () => {
    assert.strictEqual(seconds("Thu, 19 Nov 2026 12:00:00 GMT"), 0)
  })

  it("ignores what is neither", () => {
    for (const header of [
      undefined,
      "",
      "soon",
      "-1",
      "1.5",
      "1e3",
      "0x10",
      "2026-11-20T12:00:00Z",
      "Fri, never GMT"
    ]) {
      assert.isUndefined(seconds(header), header)
    }
  })
})
