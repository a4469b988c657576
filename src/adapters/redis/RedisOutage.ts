import { Effect } from "effect"

/** How often one command finds out whether Redis is back, in milliseconds; all others go on without it meanwhile. */
const askAgainAfter = 1000

/** Whether Redis answers. Says so once when it ceases to, and once when it does again. */
export class RedisOutage {
  #awaySince: number | undefined
  #askAgainAt = 0

  /** Whether a command is worth its time limit now. */
  mayAsk(now: number): boolean {
    if (this.#awaySince === undefined) return true
    if (now < this.#askAgainAt) return false
    this.#askAgainAt = now + askAgainAfter
    return true
  }

  /** Whether it had begun before. */
  get lasts(): boolean {
    return this.#awaySince !== undefined
  }

  began(now: number, cause: unknown): Effect.Effect<void> {
    if (this.#awaySince !== undefined) return Effect.void
    this.#awaySince = now
    this.#askAgainAt = now + askAgainAfter
    return Effect.annotateLogs(
      Effect.logWarning("Redis does not answer: this instance goes on by itself until it does"),
      "reason",
      reasonOf(cause)
    )
  }

  ended(now: number): Effect.Effect<void> {
    if (this.#awaySince === undefined) return Effect.void
    const awayMillis = now - this.#awaySince
    this.#awaySince = undefined
    return Effect.annotateLogs(Effect.logInfo("Redis answers again"), "awayMillis", awayMillis)
  }
}

/** Never the error itself: what else it carries is not known here, and the address of Redis holds a password. */
const reasonOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return "unknown"
  if ("code" in cause && typeof cause.code === "string") return cause.code
  return cause.message === "" ? cause.name : cause.message
}
