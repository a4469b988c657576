import { DateTime, Duration } from "effect"
import type { Session } from "./Session.ts"

/** How far the refresh tokens of a session have come, each of which takes the place of the one before. */
export interface RefreshState {
  readonly session: Session
  /** How many came before the current one. */
  readonly generation: number
  /** When the current one was issued; for the first one that is when the session was opened. */
  readonly issuedAt: DateTime.Utc
  /** The SHA-256 of the current one; null for sessions without a refresh step. */
  readonly hash: Uint8Array | null
}

/** How long a refresh token that was replaced is forgiven: two tabs refresh at once, and one of them comes second. */
export const replacementGrace = Duration.seconds(10)

/** `unissued`: signed by us, and yet of a generation that the session has not come to. */
export type RefreshTokenStanding = "current" | "justReplaced" | "replaced" | "unissued"

/** Where a refresh token of that generation stands. Only the last one before the current is ever forgiven. */
export const standingOf = (
  generation: number,
  state: Pick<RefreshState, "generation" | "issuedAt">,
  now: DateTime.Utc
): RefreshTokenStanding => {
  if (generation > state.generation) return "unissued"
  if (generation === state.generation) return "current"
  const forgivenUntil = DateTime.addDuration(state.issuedAt, replacementGrace)
  const isLast = generation === state.generation - 1
  return isLast && DateTime.isLessThanOrEqualTo(now, forgivenUntil) ? "justReplaced" : "replaced"
}
