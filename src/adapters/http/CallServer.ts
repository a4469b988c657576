import { Context, type Effect } from "effect"
import type { Session } from "../../domain/accounts/Session.ts"
import type { Upgrade } from "./Upgrades.ts"

/** Who takes calls over a WebSocket once its handshake has been looked at. */
export class CallServer extends Context.Service<
  CallServer,
  {
    /** Answers the handshake, and then calls, until either side goes. They are counted by the key. */
    accept(upgrade: Upgrade, caller: { readonly session: Session; readonly limitKey: string }): Effect.Effect<void>
  }
>()("rookery/adapters/http/CallServer") {}
