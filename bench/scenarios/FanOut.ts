import { Effect } from "effect"
import type { Agent } from "node:http"
import { BenchError, wordsOf } from "../BenchError.ts"
import { cleanEvents } from "../database/Events.ts"
import { fanOutUsers } from "../database/Sizes.ts"
import { ask, json, keptConnections } from "../load/HttpRequest.ts"
import { openAll } from "../load/LiveSocket.ts"
import { cpuMillis } from "../ProcessUsage.ts"
import { median } from "../Statistics.ts"
import { noteCreated, noteIn } from "./Answers.ts"
import { from } from "./ContactScenarios.ts"
import type { Contender, Entrant, Scenario, Stage } from "./Scenario.ts"
import { deliveryFigures, deliveryMetrics } from "./SocketFigures.ts"

/** Changes of each account in a round, one after the other. */
const waves = 5

/** Changes that are made at once. */
const atOnce = 16

/** How long a wave may take, in milliseconds. */
const patience = 30_000

/** What all sockets hear of one change of each account. */
class Wave {
  readonly latencies: Array<number> = []
  readonly done: Promise<void>
  readonly #sent = new Map<number, number>()
  readonly #awaited: number
  #finish: (error?: Error) => void = () => {}

  constructor(awaited: number) {
    this.#awaited = awaited
    this.done = new Promise((resolve, reject) => {
      const late = () => this.fail(`only ${this.latencies.length} of ${awaited} sockets were told`)
      const timer = setTimeout(late, patience)
      this.#finish = (error) => {
        clearTimeout(timer)
        if (error === undefined) resolve()
        else reject(error)
      }
    })
    // Who waits for it may do so only once all changes are made.
    this.done.catch(() => {})
  }

  send(contact: number) {
    this.#sent.set(contact, performance.now())
  }

  hear(text: string, contact: number) {
    const sent = this.#sent.get(contact)
    if (sent === undefined || !noteCreated(text, contact)) return
    if (this.latencies.push(performance.now() - sent) === this.#awaited) this.#finish()
  }

  fail(why: string) {
    this.#finish(new Error(why))
  }
}

const writeNote = async (contender: Contender, agent: Agent, account: number, contact: number) => {
  const body = "Something that all devices of this account are told of"
  const headers = { ...json, ...from(contender, account) }
  const path = `/api/v1/contacts/${contact}/notes`
  const answer = await ask(contender.url, { method: "POST", path, headers, body: JSON.stringify({ body }) }, agent)
  const problem = noteIn(contact, body)(answer)
  if (problem !== undefined) throw new Error(`a note was answered ${answer.status}, ${problem}: ${answer.body}`)
}

/** One change of each account, each told to all its sockets; how long until the last was, in milliseconds. */
const sendWave = async (
  contender: Contender,
  agent: Agent,
  changes: ReadonlyArray<readonly [number, number]>,
  wave: Wave
) => {
  const begun = performance.now()
  const left = changes.values()
  const writer = async () => {
    for (const [account, contact] of left) {
      wave.send(contact)
      await writeNote(contender, agent, account, contact)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, writer))
  await wave.done
  return performance.now() - begun
}

const entrant = (stage: Stage, contender: Contender): Entrant => {
  const { socketsOfEach } = stage.sizes
  const changes = fanOutUsers(stage.sizes).map(
    (account) => [account, stage.contacts.get(account)?.[0]?.id ?? 0] as const
  )
  let wave: Wave | undefined

  const connections = changes.flatMap(([account, contact]) =>
    Array.from({ length: socketsOfEach }, () => ({
      url: contender.url,
      path: `/api/v1/notifications?token=${contender.tokens.get(account) ?? ""}`,
      headers: from(contender, account),
      hear: (text: string) => wave?.hear(text, contact),
      lost: (why: string) => wave?.fail(`a socket was lost: ${why}`)
    }))
  )
  const opened = Effect.acquireRelease(
    attempt(contender, () => openAll(connections)),
    (sockets) => Effect.sync(() => sockets.forEach((socket) => socket.close()))
  )

  const round = Effect.gen(function* () {
    wave = undefined
    yield* opened
    const agent = yield* keptConnections
    const { pid } = contender.process
    const cpuBefore = cpuMillis(pid)
    const latencies: Array<number> = []
    const times: Array<number> = []
    for (let turn = 0; turn < waves; turn++) {
      const current = new Wave(connections.length)
      wave = current
      times.push(yield* attempt(contender, () => sendWave(contender, agent, changes, current)))
      latencies.push(...current.latencies)
    }
    const millis = times.reduce((sum, time) => sum + time, 0)
    const figures = deliveryFigures(pid, { cpuBefore, latencies, millis })
    return { ...figures, last: median(times) }
  }).pipe(Effect.scoped, Effect.ensuring(cleanEvents(stage.sql)))

  return { ...contender, round: () => round, warmUp: Effect.asVoid(round) }
}

const attempt = <A>({ title }: Contender, promise: () => Promise<A>) =>
  Effect.tryPromise({ try: promise, catch: (error) => new BenchError({ message: `${title}: ${wordsOf(error)}` }) })

/** Many accounts with many devices each: a change of an account is told to all of its own. */
export const fanOut: Scenario = {
  name: "fan-out",
  title: "Fan changes out to WebSockets",
  metrics: [...deliveryMetrics, { name: "last", title: "ms to the last of a wave", better: "lower", digits: 0 }],
  mostRounds: 3,
  entrants: (stage) =>
    Effect.succeed(
      stage.contenders.filter(({ kind }) => kind !== "limit").map((contender) => entrant(stage, contender))
    )
}
