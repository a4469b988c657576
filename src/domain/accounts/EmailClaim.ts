import { DateTime } from "effect"
import { linkLifetimes } from "./LinkTokens.ts"

/**
 * An address that was claimed before this, and has not been verified since, is free for others: the link that was sent
 * to it has run out.
 */
export const claimsLapseBefore = (now: DateTime.Utc): DateTime.Utc =>
  DateTime.subtractDuration(now, linkLifetimes.verification)
