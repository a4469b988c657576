import { Context, Schema } from "effect"
import { RpcMiddleware } from "effect/rpc"
import type { Session } from "../../domain/accounts/Session.ts"
import { RateLimitExceeded } from "../../domain/shared/RateLimits.ts"

/** Who calls, by the token that was shown when the connection was opened. */
export class Caller extends Context.Service<
  Caller,
  {
    readonly session: Session
    /** What its limits are counted by. */
    readonly limitKey: string
  }
>()("rookery/adapters/rpc/Caller") {}

/** A fault of the server; the same may work later. */
export class ServerFault extends Schema.TaggedError<ServerFault>()("ServerFault", {}) {}

/** Every call: counted as a request is, and without a word of what went wrong in the server. */
export class Called extends RpcMiddleware.Service<Called, { provides: Caller }>()("rookery/adapters/rpc/Called", {
  error: Schema.Union([RateLimitExceeded, ServerFault])
}) {}
