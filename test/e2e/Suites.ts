import { PgClient } from "@effect/sql-pg"
import { jetstreamManager } from "@nats-io/jetstream"
import { connect } from "@nats-io/transport-node"
import { Context, Effect, Exit, Layer, Redacted, Scope } from "effect"
import { randomUUID } from "node:crypto"
import { join } from "node:path"
import { afterAll, assert, beforeAll, it } from "vitest"
import { existingDatabase } from "../../src/adapters/postgres/ExistingDatabase.ts"
import { ApiClient } from "../support/ApiClient.ts"
import { isRunning, type RookeryServer, startRookery, temporaryFolder } from "../support/RookeryServer.ts"
import { describeWith, freshDatabase, natsUrl, postgresUrl, redisUrl } from "../support/Services.ts"

type Variables = Readonly<Record<string, string>>

/** Opens what a test needs, and closes it in reverse order. */
export class TestScope {
  readonly #scope = Effect.runSync(Scope.make())
  readonly open = <A>(resource: Effect.Effect<A, unknown, Scope.Scope>): Promise<A> =>
    Effect.runPromise(Scope.provide(resource, this.#scope))
  readonly close = () => Effect.runPromise(Scope.close(this.#scope, Exit.void))
}

/** Subjects of a test's own on the NATS that all share; their stream goes with the scope. */
export const natsVariables: Effect.Effect<Variables, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => ({ NATS_URL: natsUrl ?? "", NATS_SUBJECT_PREFIX: `test-${randomUUID().slice(0, 8)}` })),
  ({ NATS_SUBJECT_PREFIX, NATS_URL }) =>
    Effect.promise(async () => {
      const core = await connect({ servers: new URL(NATS_URL).host })
      const manager = await jetstreamManager(core, { checkAPI: false })
      await manager.streams.delete(`${NATS_SUBJECT_PREFIX.toUpperCase()}_NOTES`).catch(() => false)
      await core.close()
    })
)

export interface Environment {
  readonly name: string
  readonly needs: ReadonlyArray<string | undefined>
  readonly variables: Effect.Effect<Variables, never, Scope.Scope>
}

export const embedded: Environment = { name: "embedded Postgres", needs: [], variables: Effect.succeed({}) }

export const server: Environment = {
  name: "server Postgres with NATS and Redis",
  needs: [postgresUrl, natsUrl, redisUrl],
  variables: Effect.gen(function* () {
    const databaseUrl = yield* freshDatabase()
    const nats = yield* natsVariables
    return { DATABASE_URL: Redacted.value(databaseUrl), REDIS_URL: redisUrl ?? "", ...nats }
  })
}

/** A client of the database behind a server, whichever it is. */
export const databaseOf = (variables: Variables, folder: string) =>
  Effect.map(
    Layer.build(
      existingDatabase(
        variables.DATABASE_URL === undefined
          ? { _tag: "Embedded", dataDir: variables.DATA_DIR ?? join(folder, "data") }
          : { _tag: "Server", url: Redacted.make(variables.DATABASE_URL), maxConnections: 2 }
      )
    ),
    Context.get(PgClient.PgClient)
  )

/** A server in an environment, for all tests of one suite. */
export class LiveRookery {
  readonly scope = new TestScope()
  readonly api = new ApiClient(() => this.server.url)
  readonly #environment: Environment
  readonly #extra: Variables
  #server: RookeryServer | undefined
  #sql: PgClient.PgClient | undefined
  #variables: Variables = {}
  #folder = ""
  #printed: () => string = () => ""

  constructor(environment: Environment, extra: Variables) {
    this.#environment = environment
    this.#extra = extra
  }

  get server(): RookeryServer {
    if (this.#server === undefined) throw new Error("the server has not been started")
    return this.#server
  }

  get variables(): Variables {
    return this.#variables
  }

  get folder(): string {
    return this.#folder
  }

  readonly prepare = async () => {
    this.#variables = {
      RATE_LIMIT_PER_MINUTE: "0",
      ...(await this.scope.open(this.#environment.variables)),
      ...this.#extra
    }
    this.#folder = await this.scope.open(temporaryFolder)
  }

  /** Starts it, again where it has been stopped. */
  readonly start = async (env: Variables = {}) => {
    for (const name of ["JWT_SECRET", "UPSTREAM_SECRET"]) {
      const secrets = { ...this.#variables, ...env }[name]?.split(",") ?? []
      for (const secret of secrets) this.api.secrets.add(secret.trim())
    }
    const [earlier, before] = [this.#server, this.#printed]
    if (earlier !== undefined) this.#printed = () => before() + earlier.output()
    this.#server = await this.scope.open(startRookery({ dataDir: this.#folder, env: { ...this.#variables, ...env } }))
    return this.#server
  }

  /** Everything that it has printed, in all its lives. */
  readonly output = (): string => this.#printed() + (this.#server?.output() ?? "")

  /** Its database, past the server. */
  readonly sql = async (): Promise<PgClient.PgClient> => {
    this.#sql ??= await this.scope.open(databaseOf(this.#variables, this.#folder))
    return this.#sql
  }

  readonly query = async (statement: string): Promise<ReadonlyArray<object>> => {
    const sql = await this.sql()
    return Effect.runPromise(sql.unsafe<object>(statement))
  }

  /** How many rows there are of all that requests can change. */
  readonly counts = async (): Promise<unknown> => {
    const [row] = await this.query(
      `SELECT (SELECT count(*) FROM accounts) AS accounts, (SELECT count(*) FROM contacts) AS contacts,
        (SELECT count(*) FROM notes) AS notes, (SELECT count(*) FROM sessions) AS sessions,
        (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM outbox_id_seq) AS outbox`
    )
    return row
  }

  /** What a log must never hold: the passwords and tokens that were used. */
  readonly assertDiscreet = (output = this.output()) => {
    for (const secret of this.api.secrets) assert.notInclude(output, secret)
  }
}

/** Runs a suite in each environment, with one server for all its tests, and looks at last at what that has logged. */
export const onEach = (
  title: string,
  suite: (rookery: LiveRookery) => void,
  { env = {}, errors = false, only = [embedded, server] }: SuiteOptions = {}
) => {
  for (const environment of only) {
    describeWith(...environment.needs)(`${title} on ${environment.name}`, () => {
      const rookery = new LiveRookery(environment, env)
      beforeAll(async () => {
        await rookery.prepare()
        await rookery.start()
      }, 60_000)
      afterAll(rookery.scope.close, 60_000)
      suite(rookery)
      it("has stayed alive, and logged no token, no password and no defect", () => {
        assert.isTrue(isRunning(rookery.server), rookery.output())
        rookery.assertDiscreet()
        if (!errors) assert.notMatch(rookery.output(), /ERROR|FATAL|Request failed/)
      })
    })
  }
}

export interface SuiteOptions {
  /** Beside those of the environment. */
  readonly env?: Variables
  /** The suite provokes errors of the server. */
  readonly errors?: boolean
  readonly only?: ReadonlyArray<Environment>
}
