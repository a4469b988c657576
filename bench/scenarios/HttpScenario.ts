import { Effect } from "effect"
import { BenchError, wordsOf } from "../BenchError.ts"
import { cleanEvents, settled } from "../database/Events.ts"
import { pgbenchEntrant, type StatementScenario } from "../limits/Pgbench.ts"
import { ask, type HttpAnswer, type HttpRequest } from "../load/HttpRequest.ts"
import type { Driven } from "../load/LoadGenerator.ts"
import { cpuMillis, residentMegabytes } from "../ProcessUsage.ts"
import type { Contender, Entrant, Figures, Scenario, Stage } from "./Scenario.ts"

export interface CheckedRequest extends HttpRequest {
  /** What is wrong with an answer, if anything. */
  readonly wrong: (answer: HttpAnswer) => string | undefined
}

export interface HttpScenario extends Pick<Scenario, "name" | "title"> {
  /** Requests under way at once. */
  readonly connections: number
  /** In the order in which they are sent. */
  readonly requests: (stage: Stage, contender: Contender) => ReadonlyArray<CheckedRequest>
  /** Whether events are written, which have to be handled and cleared away. */
  readonly events?: boolean
  /** The statement that it comes down to, which servers that do nothing else are measured by. */
  readonly limit?: StatementScenario
}

const metrics: Scenario["metrics"] = [
  { name: "rps", title: "requests/s", better: "higher", digits: 0 },
  { name: "p50", title: "p50 ms", better: "lower", digits: 2 },
  { name: "p99", title: "p99 ms", better: "lower", digits: 2 },
  { name: "cpu", title: "CPU ms/request", better: "lower", digits: 3 },
  { name: "memory", title: "MB", better: "lower", digits: 0 }
]

/** Milliseconds between answers that are looked at, while others are only counted. */
const inspection = 100
/** Milliseconds between looks at the memory. */
const sampling = 50

/** In seconds; by then a server that has answered nothing never will. */
const longestRound = 16

/** A prime, so that the rounds begin at different requests. */
const stride = 7919

const inspect = (url: string, request: CheckedRequest) =>
  Effect.tryPromise({
    try: async () => {
      const answer = await ask(url, request)
      const problem = request.wrong(answer)
      if (problem === undefined) return
      throw new Error(
        `${request.method} ${request.path} answered ${answer.status}, ${problem}: ${answer.body.slice(0, 500)}`
      )
    },
    catch: (error) => new BenchError({ message: wordsOf(error) })
  })

/** Looks at one answer before the load and at one now and then under it; the first wrong one fails. */
export const inspecting = <A>(
  url: string,
  requests: ReadonlyArray<CheckedRequest>,
  load: Effect.Effect<A, BenchError>
) => {
  const next = Effect.suspend(() => {
    const request = requests[Math.floor(Math.random() * requests.length)]
    return request === undefined ? Effect.void : inspect(url, request)
  })
  return Effect.andThen(next, Effect.raceFirst(load, Effect.forever(Effect.andThen(next, Effect.sleep(inspection)))))
}

/** The most memory that a process had at any time while something else went on. */
const watchingMemory = <A>(pid: number, effect: Effect.Effect<A, BenchError>) =>
  Effect.suspend(() => {
    let most = residentMegabytes(pid)
    const timer = setInterval(() => {
      const now = residentMegabytes(pid)
      if (now !== undefined && most !== undefined) most = Math.max(most, now)
    }, sampling)
    return effect.pipe(
      Effect.map((result) => [result, most] as const),
      Effect.ensuring(Effect.sync(() => clearInterval(timer)))
    )
  })

export const httpEntrant = Effect.fnUntraced(function* (scenario: HttpScenario, stage: Stage, contender: Contender) {
  const { process, title, url } = contender
  const requests = scenario.requests(stage, contender)
  const drive = yield* stage.generator.prepare(requests)

  // What answers everybody the same is not asked whether it is right.
  const looked = contender.kind === "limit" ? [] : requests
  const connections = stage.connections ?? scenario.connections

  /** Longer, where the machine is too slow for as much as one answer. */
  const driven = (round: number, seconds: number): Effect.Effect<Driven, BenchError> =>
    Effect.flatMap(drive({ url, seconds, connections, offset: round * stride }), (result) =>
      result.requests + result.failed === 0 && seconds < longestRound
        ? driven(round, seconds * 2)
        : complete(title)(result)
    )

  const load = (round: number) => inspecting(url, looked, driven(round, stage.seconds))

  // Work that an answer leaves behind is part of what it costs, and none of it is left to the next round.
  const afterwards = scenario.events === true && contender.kind === "rookery" ? settled(stage.sql) : Effect.void
  const cleared = scenario.events === true ? cleanEvents(stage.sql) : Effect.void

  const round = (number: number) =>
    Effect.gen(function* () {
      const before = cpuMillis(process.pid)
      const [driven, memory] = yield* watchingMemory(process.pid, load(number))
      yield* afterwards
      const after = cpuMillis(process.pid)
      yield* cleared
      return figuresOf(driven, {
        cpu: before === undefined || after === undefined ? undefined : (after - before) / driven.requests,
        memory
      })
    })

  // By then V8 has compiled what is hot, of whoever has the most of it.
  const warmUp = Effect.forEach([0, 0, 0], round, { discard: true })
  return { ...contender, round, warmUp } satisfies Entrant
})

const complete = (title: string) => (driven: Driven) =>
  driven.failed === 0 && driven.requests > 0
    ? Effect.succeed(driven)
    : Effect.fail(new BenchError({ message: `${title}: ${driven.failed} of ${driven.requests} requests failed` }))

export const figuresOf = (
  { p50, p99, requests, seconds }: Driven,
  known: Readonly<Record<string, number | undefined>>
): Figures => {
  const measured = Object.entries(known).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const]
  )
  return { rps: requests / seconds, p50, p99, ...Object.fromEntries(measured) }
}

/** Requests over HTTP, as fast as they are answered. */
export const httpScenario = (scenario: HttpScenario): Scenario => ({
  name: scenario.name,
  title: scenario.title,
  metrics,
  entrants: Effect.fnUntraced(function* (stage) {
    const servers = yield* Effect.forEach(
      stage.contenders.filter(({ kind }) => kind !== "limit" || scenario.limit !== undefined),
      (contender) => httpEntrant(scenario, stage, contender)
    )
    const database = scenario.limit !== undefined && stage.pgbench ? pgbenchEntrant(scenario.limit, stage) : undefined
    return database === undefined ? servers : [...servers, database]
  })
})
