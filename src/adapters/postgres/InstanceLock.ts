import { PgConnection } from "@effect/sql-pg"
import { Context, Deferred, Duration, Effect, Layer, Queue, type Redacted, Schedule, Schema } from "effect"
import type { SqlError } from "effect/sql"
import { clientSettings } from "./Database.ts"
import { type DatabaseUnavailable, serverWords, unavailable } from "./DatabaseServer.ts"

/** Somebody else has the database; without NATS there can be one instance only. */
export class AnotherInstance extends Schema.TaggedError<AnotherInstance>()("AnotherInstance", {
  /** The server's process that has the lock, when it still had it on a second look. */
  backend: Schema.optionalKey(Schema.Int)
}) {
  override get message() {
    return "another instance is running on this database; set NATS_URL to run several"
  }
}

export interface InstanceLockOptions {
  readonly url: Redacted.Redacted
  /** How long to wait for another instance to leave. Default 30 seconds. */
  readonly patience?: Duration.Input
}

/** PostgreSQL's key of two integers for the advisory lock, "Rook" and "ery". */
const key = [0x526f6f6b, 0x657279] as const
const poll = "500 millis"

/**
 * One instance for each database: an advisory lock on a connection of its own, which must not go through a pooler that
 * shares connections between transactions.
 */
export class InstanceLock extends Context.Service<
  InstanceLock,
  {
    /**
     * Never returns until it fails. A connection that drops is made again; this fails when another instance has taken
     * the lock meanwhile, and the process must end.
     */
    readonly lost: Effect.Effect<never, AnotherInstance>
  }
>()("rookery/adapters/postgres/InstanceLock") {
  static readonly layer = (
    options: InstanceLockOptions
  ): Layer.Layer<InstanceLock, AnotherInstance | DatabaseUnavailable> => Layer.effect(InstanceLock, hold(options))

  /** For an embedded database, whose folder is locked, and for instances that share a NATS. */
  static readonly notNeeded: Layer.Layer<InstanceLock> = Layer.succeed(InstanceLock, { lost: Effect.never })
}

interface Held {
  /** The backend that has the lock. */
  readonly pid: number
  /** Fails when the connection, and with it the lock, is gone. */
  readonly dropped: Effect.Effect<never, SqlError.SqlError>
}

const hold = Effect.fnUntraced(function* ({ url, patience = "30 seconds" }: InstanceLockOptions) {
  const first = yield* Deferred.make<void, AnotherInstance | SqlError.SqlError>()
  const lost = yield* Deferred.make<never, AnotherInstance>()
  const attempts = Math.ceil(Duration.toMillis(patience) / Duration.toMillis(poll))
  let previous: number | undefined

  const keep = Effect.gen(function* () {
    const held = yield* acquire(url, attempts, previous)
    if (previous !== undefined) yield* Effect.logInfo("The instance lock is held again")
    previous = held.pid
    yield* Deferred.succeed(first, undefined)
    return yield* Effect.tapError(held.dropped, (error) =>
      Effect.logWarning(`The instance lock went with its connection: ${serverWords(error)}`)
    )
  }).pipe(Effect.scoped)

  const keepAgain = keep.pipe(
    Effect.retry({ while: (error) => error._tag === "SqlError", schedule: Schedule.spaced(poll) }),
    Effect.catchTag("AnotherInstance", (error) => Deferred.fail(lost, error)),
    Effect.orDie
  )

  yield* keep.pipe(
    Effect.catch((error) =>
      Effect.flatMap(Deferred.fail(first, error), (neverHeld) => (neverHeld ? Effect.void : keepAgain))
    ),
    Effect.forkScoped
  )
  yield* Deferred.await(first).pipe(Effect.catchTag("SqlError", (error) => Effect.fail(unavailable(url)(error))))
  return InstanceLock.of({ lost: Deferred.await(lost) })
})

/**
 * Takes the lock on a new connection. At first it waits for whoever has it; later, with a `previous` backend, it waits
 * for that one alone, whose end the server may not have noticed yet.
 */
const acquire = Effect.fnUntraced(function* (url: Redacted.Redacted, attempts: number, previous: number | undefined) {
  const { multiplex: _, ...settings } = clientSettings
  const connection = yield* PgConnection.make({ ...settings, url, keepAlive: "5 seconds" })
  const session = yield* connection.pin
  // So that the server, too, finds out soon when this machine is gone. Not every server lets one set this.
  yield* Effect.ignore(session.query(shortKeepalive))

  const leaves = (error: AnotherInstance | SqlError.SqlError) =>
    error._tag === "AnotherInstance" &&
    (previous === undefined || error.backend === undefined || error.backend === previous)
  const patiently = Effect.andThen(
    Effect.logInfo("Another instance is running on this database: waiting for it to leave"),
    Effect.retry(Effect.delay(attempt(session), poll), { while: leaves, times: attempts - 1 })
  )
  yield* Effect.catchIf(
    attempt(session),
    (error) => attempts > 0 && leaves(error),
    () => patiently
  )

  const notifications = yield* session.listen("rookery_instance")
  return { pid: connection.processId, dropped: Effect.forever(Queue.take(notifications)) } satisfies Held
})

const shortKeepalive = `SELECT set_config('tcp_keepalives_idle', '5', false),
  set_config('tcp_keepalives_interval', '5', false), set_config('tcp_keepalives_count', '3', false)`

const holder = `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted
  AND classid = $1 AND objid = $2 AND objsubid = 2
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`

const attempt = Effect.fnUntraced(function* (session: PgConnection.PgConnection) {
  const taken = yield* session.queryValues("SELECT pg_try_advisory_lock($1, $2)", key)
  if (taken[0]?.[0] === true) return
  const backend = (yield* session.queryValues(holder, key))[0]?.[0]
  return yield* new AnotherInstance(typeof backend === "number" ? { backend } : {})
})
