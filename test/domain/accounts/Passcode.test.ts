import { assert, describe, it } from "@effect/vitest"
import { Array as Arr, DateTime, Duration, Effect, Schema } from "effect"
import { isLockedOut, mostWrongTries, nthPasscode, Passcode, passcodes } from "../../../src/domain/accounts/Passcode.ts"

const now = DateTime.makeUnsafe("2026-11-20T12:00:00Z")
const ago = (duration: Duration.Input) => DateTime.subtractDuration(now, duration)

describe("Passcode", () => {
  it("is six digits, and nothing that looks like it", () => {
    for (const right of ["000000", "123456", "999999"]) assert.isTrue(Schema.is(Passcode)(right))
    for (const wrong of ["", "12345", "1234567", "12345a", " 12345", "123456\n", "１２３４５６", "-12345", "1e5000"]) {
      assert.isFalse(Schema.is(Passcode)(wrong), JSON.stringify(wrong))
    }
  })

  it("has leading zeros, the first and the last included", () => {
    assert.strictEqual(nthPasscode(0), "000000")
    assert.strictEqual(nthPasscode(42), "000042")
    assert.strictEqual(nthPasscode(passcodes - 1), "999999")
    assert.throws(() => nthPasscode(passcodes))
  })
})

describe("isLockedOut", () => {
  it("begins with the fifth wrong try and ends an hour after the first", () => {
    const four = Arr.replicate(ago("10 minutes"), mostWrongTries - 1)
    assert.isFalse(isLockedOut(four, now))
    assert.isTrue(isLockedOut([ago("59 minutes"), ...four], now))
    assert.isTrue(isLockedOut([ago(Duration.millis(3_599_999)), ...four], now))
    assert.isFalse(isLockedOut([ago("1 hour"), ...four], now))
    assert.isTrue(isLockedOut([ago("1 hour"), ...four, now], now))
  })

  it.effect.prop(
    "asks only how many of the tries are younger than an hour",
    { minutes: Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 120 }))) },
    ({ minutes }) =>
      Effect.sync(() => {
        const tries = minutes.map((minute) => ago(Duration.minutes(minute)))
        assert.strictEqual(isLockedOut(tries, now), minutes.filter((minute) => minute < 60).length >= 5)
      })
  )
})
