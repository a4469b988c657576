import { Schema } from "effect"
import { Username } from "../../../domain/accounts/Account.ts"
import { Password } from "../../../domain/accounts/Password.ts"
import { EmailAddress } from "../../../domain/shared/EmailAddress.ts"
import { described } from "../ApiDocs.ts"
import { docs } from "./V1Members.ts"

/** Members that answers carry: what comes back in a request is passed over, so that clients can send what they read. */
const readOnly = Schema.optionalKey(Schema.Unknown)

const passedOver = {
  id: readOnly,
  pending_email: readOnly,
  is_verified: readOnly,
  avatar_url: readOnly,
  created_at: readOnly
}
const passedOverDocs = {
  id: docs.readOnly,
  pending_email: docs.readOnly,
  is_verified: docs.readOnly,
  avatar_url: docs.readOnly,
  created_at: docs.readOnly
}

export const NewAccount = described(
  Schema.Struct({
    username: Schema.optionalKey(Schema.NullOr(Username)),
    email: EmailAddress,
    password: Password,
    ...passedOver
  }),
  {
    name: "V1NewAccount",
    description: "An account to be",
    members: { username: docs.username, email: docs.email, password: docs.newPassword, ...passedOverDocs }
  }
)

export const V1Account = described(
  Schema.Struct({
    id: Schema.Int,
    username: Schema.NullOr(Schema.String),
    email: Schema.NullOr(Schema.String),
    pending_email: Schema.NullOr(Schema.String),
    is_verified: Schema.Boolean,
    avatar_url: Schema.NullOr(Schema.String),
    created_at: Schema.DateTimeUtcFromString
  }),
  {
    name: "V1Account",
    description: "One's own account",
    members: {
      id: docs.accountId,
      username: docs.username,
      email: docs.email,
      pending_email: docs.pendingEmail,
      is_verified: docs.isVerified,
      avatar_url: docs.avatarUrl,
      created_at: docs.createdAt
    }
  }
)
export type V1Account = typeof V1Account.Type

export const AccountChange = described(
  Schema.Struct({ email: Schema.optionalKey(EmailAddress), username: readOnly, ...passedOver }),
  {
    name: "V1AccountChange",
    description: "What is to change; what it leaves out stays",
    members: { email: docs.email, username: docs.readOnly, ...passedOverDocs }
  }
)

export const AccountRemoval = described(Schema.Struct({ password: Schema.optionalKey(Schema.String) }), {
  name: "V1AccountRemoval",
  description: "Shows that it is the owner who wants it; an account without a password needs none",
  members: { password: docs.password }
})

export const EmailOnly = described(Schema.Struct({ email: EmailAddress }), {
  name: "V1EmailOnly",
  description: "Where a mail is to go",
  members: { email: { ...docs.email, description: "The address of an account" } }
})

const passwordReset = Schema.Struct({ token: Schema.String, password: Password })

const passwordResetDocs = {
  description: "A new password, and the link that allows it",
  members: { token: docs.linkToken, password: docs.newPassword }
}

export const PasswordReset = described(passwordReset, { name: "V1PasswordReset", ...passwordResetDocs })

/** As the page behind the link sends it. */
export const PasswordResetForm = described(passwordReset, { name: "V1PasswordResetForm", ...passwordResetDocs })

export const PasswordChange = described(Schema.Struct({ current_password: Schema.String, new_password: Password }), {
  name: "V1PasswordChange",
  description: "A new password, and the present one",
  members: { current_password: docs.password, new_password: { ...docs.newPassword, example: "staple battery horse" } }
})

export const Message = described(Schema.Struct({ message: Schema.String }), {
  name: "V1Message",
  description: "What has happened, for people",
  members: { message: { example: "Email verified. You can now log in." } }
})
