import { Effect, Layer } from "effect"
import { CallServer } from "../CallServer.ts"
import { socketRoute } from "../Handshake.ts"
import { RequestInfo } from "../RequestInfo.ts"
import type { RouteKey } from "../RouteTable.ts"
import { phoneHoldersOnly } from "./PhoneHoldersOnly.ts"

const path = "/rpc"

export const talkRpcPaths: ReadonlyArray<RouteKey> = [{ method: "GET", path }]

/** The WebSocket over which programs in TypeScript call. */
export const TalkRpcRoute = Layer.unwrap(
  Effect.gen(function* () {
    const calls = yield* CallServer
    const refusal = yield* phoneHoldersOnly
    return yield* socketRoute({
      path,
      refusal,
      use: (session) =>
        Effect.map(
          RequestInfo,
          ({ limitKey }) =>
            (upgrade) =>
              calls.accept(upgrade, { session, limitKey })
        )
    })
  })
)
