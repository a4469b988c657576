import { Context, type Effect } from "effect"
import type { Since } from "../../application/notifications/Since.ts"
import type { Session } from "../../domain/accounts/Session.ts"
import type { Topic } from "../../domain/notifications/Notification.ts"
import type { Upgrade } from "./Upgrades.ts"

/** Who speaks WebSocket with a client once its handshake has been looked at. */
export class SocketServer extends Context.Service<
  SocketServer,
  {
    /** False once the server is stopping. */
    readonly open: Effect.Effect<boolean>
    /** Answers the handshake, and tells the client of its topic until either of them goes. */
    accept(
      upgrade: Upgrade,
      client: { readonly session: Session; readonly topic: Topic; readonly since: Since | undefined }
    ): Effect.Effect<void>
    /** Takes no more, and closes all; within a second. */
    readonly close: Effect.Effect<void>
  }
>()("rookery/adapters/http/SocketServer") {}
