import { Effect, Layer } from "effect"
import { liveRoute } from "../Handshake.ts"
import type { RouteKey } from "../RouteTable.ts"
import { phoneHoldersOnly } from "./PhoneHoldersOnly.ts"

const path = "/api/notifications"

export const talkNotificationPaths: ReadonlyArray<RouteKey> = [{ method: "GET", path }]

/** The WebSocket by which clients are told of friends and messages. */
export const TalkNotifications = Layer.unwrap(
  Effect.gen(function* () {
    const refusal = yield* phoneHoldersOnly
    return yield* liveRoute({ path, topic: "talk", unfit: 400, refusal })
  })
)
