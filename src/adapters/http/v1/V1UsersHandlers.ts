import { Effect, Redacted } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Profile } from "../../../application/accounts/Profile.ts"
import { CurrentSession } from "../Authorization.ts"
import { refuse } from "../LimitedRoutes.ts"
import { PublicUrl } from "../PublicUrl.ts"
import { accountToWire } from "./V1Accounts.ts"
import { V1Api } from "./V1Api.ts"
import { emailTaken, invalidToken } from "./V1Refusals.ts"
import { invalidField } from "./V1Validation.ts"

export const V1UsersHandlers = HttpApiBuilder.group(
  V1Api,
  "users",
  Effect.fn(function* (handlers) {
    const profile = yield* Profile
    const toWire = accountToWire(yield* PublicUrl)

    // An account that has gone while its session was on its way in is nobody's.
    const gone = { AccountNotFound: () => Effect.fail(invalidToken()) }

    return handlers.handleAll({
      getAccount: () =>
        CurrentSession.use(({ accountId }) => profile.get(accountId).pipe(Effect.map(toWire), Effect.catchTags(gone))),
      changeAccount: ({ payload: { email } }) =>
        CurrentSession.use(({ accountId }) =>
          (email === undefined ? profile.get(accountId) : profile.changeEmail(accountId, email)).pipe(
            Effect.map(toWire),
            Effect.catchTags({
              ...gone,
              EmailTaken: () => Effect.fail(emailTaken()),
              RateLimitExceeded: refuse
            })
          )
        ),
      deleteAccount: ({ payload }) =>
        CurrentSession.use(({ accountId }) => {
          const password = payload?.password
          return profile.remove(accountId, password === undefined ? undefined : Redacted.make(password)).pipe(
            Effect.catchTags({
              ...gone,
              InvalidCredentials: () =>
                Effect.fail(
                  invalidField(
                    "password",
                    password === undefined ? "is required" : "is not the password of this account"
                  )
                )
            })
          )
        })
    })
  })
)
