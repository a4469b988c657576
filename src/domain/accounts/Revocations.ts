import { Context, type Effect, type Stream } from "effect"
import type { SessionId } from "./Session.ts"

/** What an instance hears of sessions that ended elsewhere. */
export type Revocation =
  | { readonly _tag: "Ended"; readonly sessionId: SessionId }
  /** Messages may have been missed: whatever is remembered of sessions has to be asked again. */
  | { readonly _tag: "Missed" }

export class Revocations extends Context.Service<
  Revocations,
  {
    /** Tells every instance. Never fails: who could not be told finds out by asking the repository. */
    announce(sessionId: SessionId): Effect.Effect<void>
    /** Every announcement, also this instance's own, from subscription on. */
    readonly changes: Stream.Stream<Revocation>
    /** Whether announcements of other instances arrive now. While not, only the repository knows. */
    readonly connected: Effect.Effect<boolean>
  }
>()("rookery/domain/accounts/Revocations") {}
