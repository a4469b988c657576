import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import { Account, AccountId, Username } from "../../../src/domain/accounts/Account.ts"
import { EmailAddress } from "../../../src/domain/shared/EmailAddress.ts"
import { PhoneDigits } from "../../../src/domain/shared/PhoneNumber.ts"

const at = DateTime.makeUnsafe("2026-03-01T12:00:00Z")
const withEmail = new Account({
  id: AccountId.make(1),
  username: null,
  email: EmailAddress.make("ada@example.com"),
  emailVerifiedAt: null,
  pendingEmail: null,
  phoneNumber: null,
  avatarId: null,
  firstName: null,
  lastName: null,
  createdAt: at
})

describe("an account", () => {
  it("needs verification where it has nothing but an address that nobody has verified", () => {
    assert.isTrue(withEmail.needsVerification)
    for (const more of [
      { emailVerifiedAt: at },
      { username: Username.make("ada") },
      { phoneNumber: PhoneDigits.make("4915112345678") }
    ]) {
      assert.isFalse(new Account({ ...withEmail, ...more }).needsVerification)
    }
  })
})
