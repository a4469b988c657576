import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import { BenchError } from "./BenchError.ts"
import type { Running } from "./Process.ts"

/** How a process comes to its turn. */
export interface Turns {
  readonly resume: Effect.Effect<void>
  /** Fails where it always has something under way. */
  readonly pause: Effect.Effect<void, BenchError>
}

/** How often it is looked whether a paused process has left anything under way, and how often it is let go on. */
const looks = 10
const tries = 100

/**
 * Stops a process and lets it go on. Stopped in the middle of a transaction it would hold locks that others wait for, so
 * it is only left stopped when the database, which nobody else uses then, has nothing under way.
 */
export const turnsOf = (sql: SqlClient.SqlClient, { signal }: Running, title: string): Turns => {
  const resume = Effect.sync(() => signal("SIGCONT"))

  const isAtRest = sql<{ busy: boolean }>`
    SELECT EXISTS (
      SELECT FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND state <> 'idle'
    ) AS busy`.pipe(
    Effect.map(([row]) => row?.busy !== true),
    Effect.orDie
  )

  /** A statement may still end by itself; a transaction does not. */
  const stopped = Effect.gen(function* () {
    signal("SIGSTOP")
    for (let look = 0; look < looks; look++) {
      yield* Effect.sleep("5 millis")
      if (yield* isAtRest) return true
    }
    return false
  })

  const pause = Effect.gen(function* () {
    for (let turn = 0; turn < tries; turn++) {
      if (yield* stopped) return
      yield* resume
      yield* Effect.sleep("50 millis")
    }
    return yield* new BenchError({ message: `${title} never comes to rest` })
  })

  return { resume, pause }
}
