import { Effect, type Scope } from "effect"
import { join } from "node:path"
import { BenchError, wordsOf } from "../BenchError.ts"
import { ask, bearer, type HttpRequest } from "../load/HttpRequest.ts"
import { contactOfOwn, launchRookery } from "../servers/RookeryUnderTest.ts"
import { type Launched, whenUp } from "../servers/Server.ts"
import type { Entrant, Scenario, Stage } from "./Scenario.ts"

/** How long a start may take, in milliseconds. */
const patience = 60_000

interface Start {
  readonly name: string
  readonly title: string
  readonly launch: Effect.Effect<Launched, BenchError, Scope.Scope>
  /** What it answers with 200 once it works. */
  readonly request: HttpRequest
}

const untilAnswered = async ({ process, url }: Launched, request: HttpRequest) => {
  const deadline = performance.now() + patience
  while (performance.now() < deadline && process.isRunning()) {
    const answer = await ask(url, request).catch(() => undefined)
    if (answer?.status === 200) return
    if (answer !== undefined && answer.status < 500) throw new Error(`answered ${answer.status}: ${answer.body}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  throw new Error(`did not start: ${process.output().trim()}`)
}

const entrant = ({ launch, name, request, title }: Start): Entrant => {
  const round = Effect.gen(function* () {
    const begun = performance.now()
    const launched = yield* launch
    yield* Effect.tryPromise({
      try: () => untilAnswered(launched, request),
      catch: (error) => new BenchError({ message: `${title} ${wordsOf(error)}` })
    })
    return { start: performance.now() - begun }
  }).pipe(Effect.scoped)
  return { name, title, round: () => round, warmUp: Effect.asVoid(round) }
}

const onServer = (stage: Stage) =>
  Effect.forEach(
    stage.servers.filter(({ kind }) => kind !== "limit"),
    Effect.fnUntraced(function* (server) {
      const [[account, contacts] = [1, []]] = stage.contacts
      const launch = server.launch(stage.world)
      // Rookery's tokens are those of sessions, which outlive its process.
      const tokens = yield* Effect.scoped(
        Effect.gen(function* () {
          const launched = yield* launch
          yield* whenUp(server.title, launched)
          return yield* server.tokens(stage.world, launched.url, [account])
        })
      )
      const path = `/api/v1/contacts/${contacts[0]?.id ?? 0}`
      const request = { method: "GET", path, headers: bearer(tokens.get(account) ?? "") } as const
      return entrant({ ...server, launch, request })
    })
  )

/** On a database of its own that is there already: making it is a first start's affair, and no other's. */
const embedded = Effect.fnUntraced(function* ({ world }: Stage) {
  const title = "Rookery, embedded PostgreSQL"
  const launch = launchRookery(world, { DATA_DIR: join(world.folder, "embedded") })
  const request = yield* Effect.scoped(
    Effect.gen(function* () {
      const launched = yield* launch
      yield* whenUp(title, launched)
      return yield* contactOfOwn(launched.url)
    })
  )
  return entrant({ name: "embedded", title, launch, request })
})

/** From the start of the process to its first answer from the database. */
export const coldStart: Scenario = {
  name: "cold-start",
  title: "Cold start",
  metrics: [{ name: "start", title: "ms", better: "lower", digits: 0 }],
  startsServers: true,
  entrants: Effect.fnUntraced(function* (stage) {
    const starts = yield* onServer(stage)
    const withRookery = stage.servers.some(({ kind }) => kind === "rookery")
    return withRookery ? [...starts, yield* embedded(stage)] : starts
  })
}
