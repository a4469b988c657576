import { Context, Effect, Layer, Redacted, type Scope } from "effect"
import { SqlClient } from "effect/sql"
import { randomBytes } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { PasswordHasherArgon2 } from "../src/adapters/argon2/PasswordHasherArgon2.ts"
import { database, migrate } from "../src/adapters/postgres/Database.ts"
import { migrations } from "../src/adapters/postgres/migrations/Migrations.ts"
import { PasswordHasher } from "../src/domain/accounts/PasswordHasher.ts"
import { BenchError } from "./BenchError.ts"
import { newDatabase } from "./database/BenchDatabase.ts"
import { contactsOf, load, password } from "./database/Dataset.ts"
import { drivenUsers, fanOutUsers, friends, type Sizes } from "./database/Sizes.ts"
import { residentMegabytes } from "./ProcessUsage.ts"
import type { Contender, Stage } from "./scenarios/Scenario.ts"
import { checkDoors } from "./servers/Preflight.ts"
import { type Server, whenUp, type World } from "./servers/Server.ts"
import { turnsOf } from "./Turns.ts"

/** The tables of Rookery's own migrations, and a connection to them. */
const tables = (url: string) =>
  Layer.provideMerge(migrate(migrations), database({ _tag: "Server", url: Redacted.make(url), maxConnections: 2 }))

/** The hash of everybody's password, by the parameters that Rookery hashes with today. */
const passwordHash: Effect.Effect<string> = PasswordHasher.use(({ hash }) => hash(Redacted.make(password))).pipe(
  Effect.provide(PasswordHasherArgon2)
)

const makeWorld = (databaseUrl: string): Effect.Effect<World, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => ({
      databaseUrl,
      jwtSecret: randomBytes(32).toString("base64url"),
      folder: mkdtempSync(join(tmpdir(), "rookery-bench-"))
    })),
    ({ folder }) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
  )

export type Data = Pick<Stage, "sizes" | "sql" | "world" | "contacts">

/** A database of its own on a server, loaded; it goes with the scope. */
export const openData = Effect.fnUntraced(function* (
  server: string,
  sizes: Sizes
): Effect.fn.Return<Data, BenchError, Scope.Scope> {
  const world = yield* makeWorld(yield* newDatabase(server))
  const connected = yield* Effect.mapError(
    Layer.build(tables(world.databaseUrl)),
    ({ message }) => new BenchError({ message })
  )
  yield* load({ ...sizes, passwordHash: yield* passwordHash }).pipe(Effect.provide(connected))
  const used = [...drivenUsers(sizes), ...fanOutUsers(sizes)]
  const contacts = yield* contactsOf(used).pipe(Effect.provide(connected))
  return { sizes, world, contacts, sql: Context.get(connected, SqlClient.SqlClient) }
})

/** Everybody whom some scenario has a token of. */
const accountsOf = (sizes: Sizes): ReadonlyArray<number> => [
  ...new Set([...drivenUsers(sizes), ...fanOutUsers(sizes), ...friends(sizes).flat()])
]

/** How long a server that has started is left alone before its memory is looked at. */
const rest = "1 second"

/** A running server with tokens of all accounts; paused until it is its turn, and stopped with the scope. */
export const contend = Effect.fnUntraced(function* (
  server: Server,
  { contacts, sizes, sql, world }: Data
): Effect.fn.Return<Contender, BenchError, Scope.Scope> {
  const launched = yield* server.launch(world)
  yield* whenUp(server.title, launched)
  yield* Effect.sleep(rest)
  const idleMegabytes = residentMegabytes(launched.process.pid)
  const tokens = yield* server.tokens(world, launched.url, accountsOf(sizes))
  const turns = turnsOf(sql, launched.process, server.title)
  const contender = { ...server, ...launched, tokens, turns, idleMegabytes }
  const [first = 1, second = 2] = drivenUsers(sizes)
  if (server.kind !== "limit") yield* checkDoors(contender, first, contacts.get(second)?.[0]?.id ?? 0)
  yield* turns.pause
  return contender
})
