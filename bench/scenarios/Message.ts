import { Effect } from "effect"
import type { Agent } from "node:http"
import { BenchError, wordsOf } from "../BenchError.ts"
import { phoneOf } from "../database/Dataset.ts"
import { friends } from "../database/Sizes.ts"
import { ask, json, keptConnections } from "../load/HttpRequest.ts"
import { openAll } from "../load/LiveSocket.ts"
import { cpuMillis } from "../ProcessUsage.ts"
import { messageIn, messagesUpdated } from "./Answers.ts"
import { from } from "./ContactScenarios.ts"
import type { Contender, Entrant, Scenario, Stage } from "./Scenario.ts"
import { deliveryFigures, deliveryMetrics } from "./SocketFigures.ts"

/** How long a message may take to reach the friend, in milliseconds. */
const patience = 10_000

/** Two friends, of whom the second listens. */
class Pair {
  readonly sender: number
  readonly receiver: number
  #rung: ((at: number) => void) | undefined

  constructor([sender, receiver]: readonly [number, number]) {
    this.sender = sender
    this.receiver = receiver
  }

  hear(text: string) {
    if (messagesUpdated(text, phoneOf(this.sender))) this.#rung?.(performance.now())
  }

  /** When the next message is told of. */
  ring(): Promise<number> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`a message was not told of within ${patience} ms`)), patience)
      this.#rung = (at) => {
        clearTimeout(timer)
        resolve(at)
      }
    })
  }
}

const open = (contender: Contender, pairs: ReadonlyArray<Pair>, lost: (why: string) => void) =>
  Effect.acquireRelease(
    Effect.tryPromise({
      try: () =>
        openAll(
          pairs.map((pair) => ({
            url: contender.url,
            path: `/api/notifications?token=${contender.tokens.get(pair.receiver) ?? ""}`,
            headers: from(contender, pair.receiver),
            hear: (text) => pair.hear(text),
            lost
          }))
        ),
      catch: (error) => new BenchError({ message: `${contender.title}: ${wordsOf(error)}` })
    }),
    (sockets) => Effect.sync(() => sockets.forEach((socket) => socket.close()))
  )

/** Sends one message and waits for its answer and its arrival; how long that took, in milliseconds. */
const send = async (contender: Contender, agent: Agent, pair: Pair, text: string): Promise<number> => {
  const rung = pair.ring()
  const sent = performance.now()
  const body = JSON.stringify({ phone_number: phoneOf(pair.receiver), message_type: "text", message: text })
  const headers = { ...json, ...from(contender, pair.sender) }
  const asking = ask(contender.url, { method: "POST", path: "/api/messages/send", headers, body }, agent)
  const [answer, at] = await Promise.all([asking, rung])
  const problem = messageIn(text)(answer)
  if (problem !== undefined) throw new Error(`a message was answered ${answer.status}, ${problem}: ${answer.body}`)
  return at - sent
}

const entrant = (stage: Stage, contender: Contender): Entrant => {
  const round = (number: number) =>
    Effect.gen(function* () {
      const pairs = friends(stage.sizes).map((pair) => new Pair(pair))
      let lost: string | undefined
      yield* open(contender, pairs, (why) => {
        lost = why
      })
      const agent = yield* keptConnections
      const { pid } = contender.process
      const cpuBefore = cpuMillis(pid)
      const latencies: Array<number> = []
      const begun = performance.now()
      const talk = async (pair: Pair) => {
        for (let turn = 0; performance.now() - begun < stage.seconds * 1000; turn++) {
          if (lost !== undefined) throw new Error(`a friend's socket was lost: ${lost}`)
          latencies.push(await send(contender, agent, pair, `Message ${number}/${turn}: are you there yet?`))
        }
      }
      yield* Effect.tryPromise({
        try: () => Promise.all(pairs.map(talk)),
        catch: (error) => new BenchError({ message: `${contender.title}: ${wordsOf(error)}` })
      })
      return deliveryFigures(pid, { cpuBefore, latencies, millis: performance.now() - begun })
    }).pipe(Effect.scoped)
  return { ...contender, round, warmUp: Effect.asVoid(round(0)) }
}

/** Each pair has one message under way, which counts once it was answered and the friend was told. */
export const message: Scenario = {
  name: "message",
  title: "Send a message to a connected friend",
  metrics: deliveryMetrics,
  entrants: (stage) =>
    Effect.succeed(
      stage.contenders.filter(({ kind }) => kind !== "limit").map((contender) => entrant(stage, contender))
    )
}
