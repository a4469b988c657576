import { Schema } from "effect"
import { SessionId } from "../../../domain/accounts/Session.ts"
import { described } from "../ApiDocs.ts"
import { docs } from "./V1Members.ts"

const filled = Schema.String.check(Schema.makeFilter((text) => (text === "" ? "must not be empty" : undefined)))
const passedOver = Schema.optionalKey(Schema.String)

/** The password form of OAuth 2 (RFC 6749, 4.3.2). */
export const PasswordForm = described(
  Schema.Struct({
    grant_type: passedOver,
    username: filled,
    password: filled,
    scope: passedOver,
    client_id: passedOver,
    client_secret: passedOver
  }),
  {
    name: "V1PasswordForm",
    description: "The password form of OAuth 2 (RFC 6749, 4.3.2)",
    members: {
      grant_type: { description: "Passed over", example: "password" },
      username: docs.identifier,
      password: docs.password,
      scope: { description: "Passed over: there are no scopes" },
      client_id: { description: "Passed over: there are no clients" },
      client_secret: { description: "Passed over: there are no clients", format: "password" }
    }
  }
)

export const TokenPair = described(
  Schema.Struct({
    access_token: Schema.String,
    refresh_token: Schema.String,
    token_type: Schema.Literal("bearer"),
    expires_in: Schema.Int
  }),
  {
    name: "V1TokenPair",
    description: "The tokens of a session",
    members: {
      access_token: docs.accessToken,
      refresh_token: docs.refreshToken,
      token_type: { example: "bearer" },
      expires_in: { description: "How long the access token opens something, in seconds", minimum: 0, example: 900 }
    }
  }
)

export const RefreshToken = described(Schema.Struct({ refresh_token: Schema.String }), {
  name: "V1RefreshToken",
  description: "The latest refresh token of a session",
  members: { refresh_token: docs.refreshToken }
})

export const sessionParams = {
  session_id: SessionId.annotate({ message: "must be the id of a session" })
}

export const V1Session = described(
  Schema.Struct({
    id: Schema.String,
    device: Schema.NullOr(Schema.String),
    user_agent: Schema.NullOr(Schema.String),
    dialect: Schema.Literals(["classic", "v1", "talk"]),
    created_at: Schema.DateTimeUtcFromString,
    last_used_at: Schema.DateTimeUtcFromString,
    expires_at: Schema.DateTimeUtcFromString,
    current: Schema.Boolean
  }),
  {
    name: "V1Session",
    description: "One sign-in",
    members: {
      id: { description: "Given by the server", format: "uuid", example: "8c1f1f5e-0d7a-4f0e-9d5c-5a3b1c7e2f90" },
      device: {
        description: "What `user_agent` makes known of it; null where there is none",
        example: "Firefox on Linux"
      },
      user_agent: { example: "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0" },
      dialect: { description: "The family of routes that opened it; only these refresh it", example: "v1" },
      created_at: docs.time,
      last_used_at: { ...docs.time, description: "Exact to a few minutes" },
      expires_at: { ...docs.time, description: "Later after each refresh" },
      current: { description: "Whether it is the one that asks", example: true }
    }
  }
)
export type V1Session = typeof V1Session.Type
