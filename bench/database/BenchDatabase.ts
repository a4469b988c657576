import { PgClient } from "@effect/sql-pg"
import { Effect, Redacted, type Scope } from "effect"
import { Reactivity } from "effect/reactivity"
import { randomBytes } from "node:crypto"
import { BenchError, wordsOf } from "../BenchError.ts"
import { ownPostgres } from "./OwnPostgres.ts"

const connect = (url: string) =>
  PgClient.make({ url: Redacted.make(url), maxConnections: 1, connectTimeout: "5 seconds" }).pipe(
    Effect.provide(Reactivity.layer)
  )

const asking = <A, E>(url: string, use: (sql: PgClient.PgClient) => Effect.Effect<A, E>) =>
  Effect.scoped(Effect.flatMap(connect(url), use)).pipe(
    Effect.mapError((error) => new BenchError({ message: `PostgreSQL: ${causeOf(error)}` }))
  )

/** What the server said is a cause or two below what the driver says. */
const causeOf = (error: unknown): string => {
  const words = wordsOf(error)
  return error instanceof Error && error.cause !== undefined ? `${words}: ${causeOf(error.cause)}` : words
}

/** The server that the URL names, or one that is started from installed programs and stopped with the scope. */
export const postgresServer = (url: string | undefined): Effect.Effect<string, BenchError, Scope.Scope> =>
  url === undefined || url === "" ? ownPostgres : Effect.succeed(url)

/** A new, empty database on a server; dropped with the scope, whoever is still connected to it. */
export const newDatabase = Effect.fnUntraced(function* (
  server: string
): Effect.fn.Return<string, BenchError, Scope.Scope> {
  const name = `rookery_bench_${randomBytes(4).toString("hex")}`
  yield* Effect.acquireRelease(
    asking(server, (sql) => sql`CREATE DATABASE ${sql(name)} TEMPLATE template0 ENCODING 'UTF8'`),
    () => Effect.ignore(asking(server, (sql) => sql`DROP DATABASE IF EXISTS ${sql(name)} WITH (FORCE)`))
  )
  const database = new URL(server)
  database.pathname = `/${name}`
  return database.href
})
