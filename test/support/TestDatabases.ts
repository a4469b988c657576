import { PgClient } from "@effect/sql-pg"
import { Clock, Effect, Redacted } from "effect"
import { Reactivity } from "effect/reactivity"

/** Databases of test runs: `rookery_test_<second the run began>_<run>_<database>`. */
const prefix = "rookery_test_"

/** No run takes this long; what is older belongs to one that was killed. */
const abandonedAfterSeconds = 3600

export const newRun = Effect.map(
  Clock.currentTimeMillis,
  (now) => `${prefix}${Math.floor(now / 1000)}_${crypto.randomUUID().slice(0, 8)}_`
)

const connect = (url: string) =>
  PgClient.make({ url: Redacted.make(url), maxConnections: 1, connectTimeout: "5 seconds" }).pipe(
    Effect.provide(Reactivity.layer)
  )

const drop = (sql: PgClient.PgClient, name: string) => sql`DROP DATABASE IF EXISTS ${sql(name)} WITH (FORCE)`

const listByPrefix = (sql: PgClient.PgClient, start: string) =>
  Effect.map(
    sql<{ datname: string }>`SELECT datname FROM pg_database WHERE starts_with(datname, ${start}) ORDER BY datname`,
    (rows) => rows.map((row) => row.datname)
  )

/** Drops what the runs left behind whose time is over. */
export const sweepAbandoned = Effect.fn(function* (url: string) {
  const sql = yield* connect(url)
  const oldest = Math.floor((yield* Clock.currentTimeMillis) / 1000) - abandonedAfterSeconds
  const names = yield* listByPrefix(sql, prefix)
  const abandoned = names.filter((name) => Number(name.slice(prefix.length).split("_")[0]) < oldest)
  for (const name of abandoned) yield* drop(sql, name)
  return abandoned
}, Effect.scoped)

/** Drops every database of one run, those too whose test was cut off before its finalizers. */
export const sweepRun = Effect.fn(function* (url: string, run: string) {
  const sql = yield* connect(url)
  const names = yield* listByPrefix(sql, run)
  for (const name of names) yield* drop(sql, name)
  return names
}, Effect.scoped)

/** Creates an empty database of this run, and drops it, with whoever is still connected, when the scope closes. */
export const createDatabase = Effect.fn(function* (url: string, run: string) {
  const name = `${run}${crypto.randomUUID().slice(0, 8)}`
  yield* Effect.acquireRelease(
    // template0 has no sessions, so that databases can be created side by side.
    Effect.scoped(Effect.flatMap(connect(url), (sql) => sql`CREATE DATABASE ${sql(name)} TEMPLATE template0`)),
    () => Effect.orDie(Effect.scoped(Effect.flatMap(connect(url), (sql) => drop(sql, name))))
  )
  const database = new URL(url)
  database.pathname = `/${name}`
  return Redacted.make(database.href)
})
