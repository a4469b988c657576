import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration } from "effect"
import { invitationText, passcodeText, phoneChangeText } from "../../../src/application/accounts/SmsTexts.ts"
import { lasting, moment } from "../../../src/application/accounts/Wording.ts"
import { Passcode } from "../../../src/domain/accounts/Passcode.ts"

const url = "https://rookery.example.com"
const at = DateTime.makeUnsafe("2026-09-30T16:42:10Z")
const code = Passcode.make("012345")

/** Of which 160 fit in one SMS; any other letter leaves room for 70 (3GPP TS 23.038, without its extension). */
const gsm = /^[A-Za-z0-9 \r\n@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ!"#¤%&'()*+,\-./:;<=>?¡ÄÖÑÜ§¿äöñüà]*$/

describe("SMS", () => {
  it("are of letters that fit, and of two parts at most, the code's of one", () => {
    for (const text of [passcodeText(code, Duration.minutes(10)), invitationText(url), phoneChangeText(at, url)]) {
      assert.match(text, gsm)
      assert.isAtMost(text.length, 2 * 153)
    }
    assert.isAtMost(passcodeText(code, Duration.hours(24)).length, 160)
    assert.isAtMost(invitationText(url).length, 160)
  })

  it("begin with the code, as phones read it, and have no other number of six digits", () => {
    const text = passcodeText(code, Duration.minutes(10))
    assert.deepStrictEqual(text.match(/\d{6,}/g), ["012345"])
    assert.isTrue(text.startsWith("012345 "))
  })

  it("have room for a long address of the server", () => {
    const long = `https://${"a".repeat(192)}`
    for (const text of [invitationText(long), phoneChangeText(at, long)]) assert.include(text, long)
  })
})

describe("Wording", () => {
  it("says how long in the largest unit that fits", () => {
    const said = [Duration.seconds(1), Duration.seconds(30), Duration.minutes(1), Duration.minutes(90)].map(lasting)
    assert.deepStrictEqual(said, ["1 second", "30 seconds", "1 minute", "90 minutes"])
    assert.deepStrictEqual([Duration.hours(1), Duration.days(1)].map(lasting), ["1 hour", "24 hours"])
  })

  it("says when in the one zone that everybody can reckon with", () => {
    assert.strictEqual(moment(at), "30 September 2026 at 16:42 UTC")
  })
})
