import { Effect, Redacted } from "effect"
import { HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { Registration } from "../../../application/accounts/Registration.ts"
import { Sessions } from "../../../application/accounts/Sessions.ts"
import { SignIn } from "../../../application/accounts/SignIn.ts"
import { PresentedToken } from "../Authorization.ts"
import { ClassicApi } from "./ClassicApi.ts"
import { BadRequest, Conflict, Unauthorized } from "./ClassicErrors.ts"

/** An answer that carries tokens, which no cache may keep (RFC 6749, 5.1). */
const withTokens = (body: Record<string, string>) =>
  HttpServerResponse.jsonUnsafe(body, { headers: { "cache-control": "no-store" } })

const invalidCredentials = () => new Unauthorized({ error: "Invalid credentials" })
const invalidToken = () => new Unauthorized({ error: "Invalid or missing token" })

export const ClassicAuthHandlers = HttpApiBuilder.group(
  ClassicApi,
  "auth",
  Effect.fn(function* (handlers) {
    const registration = yield* Registration
    const sessions = yield* Sessions
    const signIn = yield* SignIn

    const logout = Effect.fnUntraced(function* () {
      const token = yield* PresentedToken
      yield* sessions.end(Redacted.value(token))
      return { message: "Successfully logged out" }
    }, Effect.mapError(invalidToken))

    return handlers.handleAll({
      registerUsername: ({ payload }) =>
        registration.register({ username: payload.username, password: Redacted.make(payload.password) }).pipe(
          Effect.map(({ id }) => ({ message: "User created successfully", user_id: id })),
          Effect.mapError(() => new Conflict({ error: "Username already exists" }))
        ),
      loginUsername: Effect.fnUntraced(function* ({ payload, request }) {
        if (payload.username.trim() === "" || payload.password === "") {
          return yield* new BadRequest({ error: "Missing username or password" })
        }
        const { accessToken, refreshToken } = yield* signIn
          .withPassword({
            identifier: payload.username,
            password: Redacted.make(payload.password),
            dialect: "classic",
            refreshable: true,
            userAgent: request.headers["user-agent"]
          })
          .pipe(Effect.mapError(invalidCredentials))
        return withTokens({
          access_token: Redacted.value(accessToken),
          refresh_token: refreshToken === null ? "" : Redacted.value(refreshToken)
        })
      }),
      refreshAccessToken: Effect.fnUntraced(function* () {
        const token = yield* PresentedToken
        const accessToken = yield* sessions
          .refresh(Redacted.value(token), "classic")
          .pipe(Effect.mapError(() => new Unauthorized({ error: "Invalid token" })))
        return withTokens({ access_token: Redacted.value(accessToken) })
      }),
      logout,
      registerPerson: ({ payload }) =>
        registration
          .register({
            email: payload.email,
            firstName: payload.first_name,
            lastName: payload.last_name,
            password: Redacted.make(payload.password)
          })
          .pipe(
            Effect.map(({ id }) => ({
              id,
              first_name: payload.first_name,
              last_name: payload.last_name,
              email: payload.email
            })),
            Effect.mapError(() => new Conflict({ error: "Email already registered" }))
          ),
      loginEmail: Effect.fnUntraced(function* ({ payload, request }) {
        const identifier = "username" in payload && payload.username !== undefined ? payload.username : payload.email
        if (identifier === undefined || identifier.trim() === "" || payload.password === "") {
          return yield* new BadRequest({ error: "Missing email or password" })
        }
        const { accessToken } = yield* signIn
          .withPassword({
            identifier,
            password: Redacted.make(payload.password),
            dialect: "classic",
            refreshable: false,
            userAgent: request.headers["user-agent"]
          })
          .pipe(Effect.mapError(invalidCredentials))
        const token = Redacted.value(accessToken)
        return withTokens({ token, access_token: token, token_type: "bearer" })
      }),
      logoutByLink: logout,
      logoutByForm: logout
    })
  })
)
