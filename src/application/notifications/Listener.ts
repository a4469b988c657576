import type { Effect } from "effect"
import type { Session } from "../../domain/accounts/Session.ts"
import type { Topic } from "../../domain/notifications/Notification.ts"
import type { LiveEvent } from "./LiveEvent.ts"

/**
 * Why a listener is told no more.
 *
 * - `SessionEnded`: nobody may listen any more by the token that was shown.
 * - `Replaced`: the account has too many connections, and this is its oldest.
 * - `Unavailable`: what it asked for could not be read just now.
 */
export type Ending = "SessionEnded" | "Replaced" | "Unavailable"

/** One connection of a client, as whoever holds it offers it. */
export interface Listener {
  /** The one that it showed a token of. */
  readonly session: Session
  readonly topic: Topic
  /** It is told of nothing after all, and has to end with its session like all others. */
  readonly silent?: boolean
  /** Takes an event without waiting for the client. False where the client is gone, or doesn't take what it is told. */
  readonly tell: (event: LiveEvent) => Effect.Effect<boolean>
  /** It has been forgotten. The connection is to be closed. */
  readonly end: (why: Ending) => Effect.Effect<void>
}
