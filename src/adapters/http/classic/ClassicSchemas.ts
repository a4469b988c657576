import { Schema, SchemaGetter } from "effect"
import { Username } from "../../../domain/accounts/Account.ts"
import { Password } from "../../../domain/accounts/Password.ts"
import { EmailAddress } from "../../../domain/shared/EmailAddress.ts"
import { FullName } from "../../../domain/contacts/FullName.ts"
import { PhoneNumber } from "../../../domain/shared/PhoneNumber.ts"
import { NonBlankText } from "../../../domain/shared/Text.ts"

/** A path segment that can be an id: a positive integer that a JSON number holds exactly. */
const id = Schema.String.check(Schema.isPattern(/^[1-9]\d{0,15}$/)).pipe(
  Schema.decodeTo(Schema.Int.check(Schema.isGreaterThan(0)), {
    decode: SchemaGetter.transform(Number),
    encode: SchemaGetter.transform(String)
  })
)
export const contactParams = { contact_id: id.pipe(Schema.brand("ContactId")) }
export const noteParams = { ...contactParams, note_id: id.pipe(Schema.brand("NoteId")) }

/** Members that answers carry: what comes back in a request is passed over, so that clients can send what they read. */
const readOnly = Schema.optionalKey(Schema.Unknown.annotate({ description: "Read only: passed over in requests" }))

export const UsernameRegistration = Schema.Struct({ username: Username, password: Password })

export const UsernameRegistered = Schema.Struct({ message: Schema.String, user_id: Schema.Int })

export const UsernameSignIn = Schema.Struct({ username: Schema.String, password: Schema.String })

export const TokenPair = Schema.Struct({ access_token: Schema.String, refresh_token: Schema.String })

export const AccessToken = Schema.Struct({ access_token: Schema.String })

export const PersonRegistration = Schema.Struct({
  first_name: NonBlankText(255),
  last_name: NonBlankText(255),
  email: EmailAddress,
  password: Password
})

export const Person = Schema.Struct({
  id: Schema.Int,
  first_name: Schema.String,
  last_name: Schema.String,
  email: Schema.String
})

export const EmailSignIn = Schema.Struct({ email: Schema.String, password: Schema.String })

const formField = Schema.optionalKey(Schema.String)

/** The password form of OAuth 2 (RFC 6749, 4.3.2); `email` is taken for `username` as well. */
export const PasswordForm = Schema.Struct({
  grant_type: formField,
  username: formField,
  email: formField,
  password: Schema.String,
  scope: formField,
  client_id: formField,
  client_secret: formField
})

export const BearerAnswer = Schema.Struct({
  token: Schema.String,
  access_token: Schema.String,
  token_type: Schema.Literal("bearer")
})

export const Message = Schema.Struct({ message: Schema.String })

const writable = {
  email: Schema.optionalKey(Schema.NullOr(EmailAddress)),
  phone_number: Schema.optionalKey(Schema.NullOr(PhoneNumber)),
  id: readOnly,
  user_id: readOnly
}

export const NewContact = Schema.Struct({ name: FullName, ...writable })

export const ContactChange = Schema.Struct({ name: Schema.optionalKey(FullName), ...writable })
export type ContactChange = typeof ContactChange.Type

export const ClassicContact = Schema.Struct({
  id: Schema.Int,
  name: Schema.String,
  email: Schema.NullOr(Schema.String),
  phone_number: Schema.NullOr(Schema.String),
  user_id: Schema.Int
})
export type ClassicContact = typeof ClassicContact.Type

const content = Schema.optionalKey(Schema.Unknown)

export const NoteWrite = Schema.Struct({
  body: content,
  note_body: content,
  note_text: content,
  id: readOnly,
  created_at: readOnly
})

export const ClassicNote = Schema.Struct({
  id: Schema.Int,
  body: Schema.String,
  created_at: Schema.DateTimeUtcFromString
})
export type ClassicNote = typeof ClassicNote.Type
