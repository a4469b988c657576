import { Effect, Layer } from "effect"
import { EmailVerification } from "../../../application/accounts/EmailVerification.ts"
import { liveRoute } from "../Handshake.ts"
import type { RouteKey } from "../RouteTable.ts"
import type { Problem } from "./V1Errors.ts"
import { invalidToken, notVerified } from "./V1Refusals.ts"

const path = "/api/v1/notifications"

export const v1NotificationPaths: ReadonlyArray<RouteKey> = [{ method: "GET", path }]

const refusedAs = ({ detail, status }: Problem) => ({ status, message: detail })

/** The WebSocket by which clients are told what became of contacts and notes. It is for whom these are for. */
export const V1Notifications = Layer.unwrap(
  Effect.gen(function* () {
    const verification = yield* EmailVerification
    return yield* liveRoute({
      path,
      topic: "addressBook",
      unfit: 422,
      refusal: ({ accountId }) =>
        verification.require(accountId).pipe(
          Effect.as(undefined),
          Effect.catchTags({
            EmailNotVerified: () => Effect.succeed(refusedAs(notVerified())),
            AccountNotFound: () => Effect.succeed(refusedAs(invalidToken()))
          })
        )
    })
  })
)
