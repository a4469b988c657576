import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { Username, usernameKey } from "../../../src/domain/accounts/Account.ts"
import { signInKey } from "../../../src/domain/accounts/SignInKey.ts"
import { EmailAddress, emailKey } from "../../../src/domain/shared/EmailAddress.ts"
import { textsOf } from "../../contracts/Texts.ts"

describe("what somebody signs in by", () => {
  it.prop("is the key of every username", { username: Username }, ({ username }) => {
    assert.deepStrictEqual(signInKey(username), { _tag: "Username", usernameKey: usernameKey(username) })
  })

  it.prop("is the key of every address", { email: EmailAddress }, ({ email }) => {
    assert.deepStrictEqual(signInKey(email), { _tag: "Email", emailKey: emailKey(email) })
  })

  it.prop("is the same in every case", { username: Username, email: EmailAddress }, ({ email, username }) => {
    for (const text of [username, email]) {
      assert.deepStrictEqual(signInKey(text.toUpperCase()), signInKey(text))
      assert.deepStrictEqual(signInKey(text.toLowerCase()), signInKey(text))
    }
  })

  it.prop("never passes for an address when it is a username", { username: Username }, ({ username }) => {
    assert.isFalse(Schema.is(EmailAddress)(username))
  })

  it.prop("is nothing else", { text: textsOf(Schema.String) }, ({ text }) => {
    const key = signInKey(text)
    assert.strictEqual(key !== undefined, Schema.is(Username)(text) || Schema.is(EmailAddress)(text))
  })

  it("does not take a letter for another that looks or folds like it", () => {
    // The Kelvin sign folds to k, the dotted capital İ to i and a dot.
    for (const text of ["\u212aate", "D\u0130ana", "ada\u0000", "ada ", "аda"]) assert.isUndefined(signInKey(text))
  })
})
