import { assert, describe, it } from "@effect/vitest"
import { DateTime, Schema } from "effect"
import { dayIn, TimeZoneName } from "../../../src/domain/shared/TimeZoneName.ts"

const isName = Schema.is(TimeZoneName)
const day = (zone: string, at: string) => dayIn(TimeZoneName.make(zone), DateTime.makeUnsafe(at))

describe("the name of a time zone", () => {
  it("is one of the IANA database, old ones among them, in any case", () => {
    for (const name of [
      "UTC",
      "Europe/Berlin",
      "europe/berlin",
      "America/Argentina/Buenos_Aires",
      "US/Pacific",
      "GMT"
    ]) {
      assert.isTrue(isName(name), name)
    }
  })

  it("is no offset, no abbreviation that is not listed, and nothing else", () => {
    for (const name of [
      "",
      "+02:00",
      "-05",
      "Mars/Olympus",
      "Berlin",
      "Z",
      "CESTO",
      "Europe/Berlin ",
      "a".repeat(65)
    ]) {
      assert.isFalse(isName(name), name)
    }
  })

  it("tells which day it is there", () => {
    assert.strictEqual(day("UTC", "2026-11-20T23:30:00Z"), "2026-11-20")
    assert.strictEqual(day("Asia/Tokyo", "2026-11-20T23:30:00Z"), "2026-11-21")
    assert.strictEqual(day("america/los_angeles", "2026-11-20T07:59:00Z"), "2026-11-19")
    assert.strictEqual(day("Pacific/Kiritimati", "2026-12-31T10:00:00Z"), "2027-01-01")
    // An hour later in summer.
    assert.strictEqual(day("Europe/Berlin", "2026-07-01T22:30:00Z"), "2026-07-02")
    assert.strictEqual(day("Europe/Berlin", "2026-01-01T22:30:00Z"), "2026-01-01")
  })
})
