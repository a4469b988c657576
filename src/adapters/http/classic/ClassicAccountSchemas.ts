import { Schema } from "effect"
import { Username } from "../../../domain/accounts/Account.ts"
import { Password } from "../../../domain/accounts/Password.ts"
import { EmailAddress } from "../../../domain/shared/EmailAddress.ts"
import { NonBlankText } from "../../../domain/shared/Text.ts"
import { described } from "../ApiDocs.ts"
import { docs } from "./ClassicMembers.ts"

/** What is blank is missing, whatever else might be wrong with it. */
const required = <S extends Schema.Codec<unknown, string>>(schema: S, isBlank: (text: string) => boolean) =>
  Schema.String.check(Schema.makeFilter((text) => (isBlank(text) ? "must not be blank" : undefined))).pipe(
    Schema.decodeTo(schema)
  )
const requiredText = <S extends Schema.Codec<unknown, string>>(schema: S) =>
  required(schema, (text) => text.trim() === "")
/** A password may be made of spaces. */
const requiredPassword = required(Password, (text) => text === "")

const registration = { username: requiredText(Username), password: requiredPassword }

export const UsernameRegistration = described(Schema.Struct(registration), {
  name: "ClassicUsernameRegistration",
  description: "A new account with a username",
  members: { username: docs.username, password: docs.newPassword }
})

export const UsernameRegistered = described(Schema.Struct({ message: Schema.String, user_id: Schema.Int }), {
  name: "ClassicUsernameRegistered",
  description: "The account is there",
  members: { message: { example: "User created successfully" }, user_id: docs.userId }
})

export const UsernameSignIn = described(Schema.Struct({ username: Schema.String, password: Schema.String }), {
  name: "ClassicUsernameSignIn",
  description: "Credentials",
  members: { username: docs.identifier, password: docs.password }
})

export const TokenPair = described(Schema.Struct({ access_token: Schema.String, refresh_token: Schema.String }), {
  name: "ClassicTokenPair",
  description: "The tokens of a new session",
  members: { access_token: docs.accessToken, refresh_token: docs.refreshToken }
})

export const AccessToken = described(Schema.Struct({ access_token: Schema.String }), {
  name: "ClassicAccessToken",
  description: "Another access token of the same session",
  members: { access_token: docs.accessToken }
})

export const PersonRegistration = described(
  Schema.Struct({
    first_name: NonBlankText(255),
    last_name: NonBlankText(255),
    email: requiredText(EmailAddress),
    password: requiredPassword
  }),
  {
    name: "ClassicPersonRegistration",
    description: "A new account with an e-mail address",
    members: {
      first_name: docs.firstName,
      last_name: docs.lastName,
      email: docs.accountEmail,
      password: docs.newPassword
    }
  }
)

export const Person = described(
  Schema.Struct({
    id: Schema.Int,
    first_name: Schema.String,
    last_name: Schema.String,
    email: Schema.String
  }),
  {
    name: "ClassicPerson",
    description: "The account that was made",
    members: { id: docs.userId, first_name: docs.firstName, last_name: docs.lastName, email: docs.accountEmail }
  }
)

export const EmailSignIn = described(Schema.Struct({ email: Schema.String, password: Schema.String }), {
  name: "ClassicEmailSignIn",
  description: "Credentials",
  members: { email: docs.accountEmail, password: docs.password }
})

const formField = Schema.optionalKey(Schema.String)

/** The password form of OAuth 2 (RFC 6749, 4.3.2); `email` is taken for `username` as well. */
export const PasswordForm = described(
  Schema.Struct({
    grant_type: formField,
    username: formField,
    email: formField,
    password: Schema.String,
    scope: formField,
    client_id: formField,
    client_secret: formField
  }),
  {
    name: "ClassicPasswordForm",
    description: "The password form of OAuth 2 (RFC 6749, 4.3.2)",
    members: {
      grant_type: { description: "Passed over", example: "password" },
      username: { description: "An e-mail address or a username", example: docs.accountEmail.example },
      email: { description: "Taken for `username` where there is none" },
      password: docs.password,
      scope: { description: "Passed over: there are no scopes" },
      client_id: { description: "Passed over: there are no clients" },
      client_secret: { description: "Passed over: there are no clients", format: "password" }
    }
  }
)

export const BearerAnswer = described(
  Schema.Struct({
    token: Schema.String,
    access_token: Schema.String,
    token_type: Schema.Literal("bearer")
  }),
  {
    name: "ClassicBearerToken",
    description: "The token of a new session, which lasts as long as the session",
    members: {
      token: docs.accessToken,
      access_token: { ...docs.accessToken, description: "The same token, under its name in OAuth 2" },
      token_type: { example: "bearer" }
    }
  }
)

export const LoggedOut = described(Schema.Struct({ message: Schema.String }), {
  name: "ClassicLoggedOut",
  description: "The session has ended, and its tokens open nothing any more",
  members: { message: { example: "Successfully logged out" } }
})
