import type { CloudEvent } from "cloudevents"
import { Effect, type Scope } from "effect"
import { randomBytes } from "node:crypto"
import type { ServerResponse } from "node:http"
import { Webhook } from "standardwebhooks"
import { type Received, upstreamServer } from "../adapters/upstream/UpstreamServer.ts"
import { type NoteData, readEvent } from "./NoteStream.ts"

export interface Told extends Received {
  readonly event: CloudEvent<NoteData>
}

export interface NoteUpstream {
  readonly variables: Readonly<Record<string, string>>
  /** What came, verified: every request, also those that were refused. */
  readonly told: () => ReadonlyArray<Told>
  /** What came of one note. */
  readonly toldOf: (note: number) => ReadonlyArray<Told>
  /** How many requests wait for an answer that never comes. */
  readonly hanging: () => number
  /** Hangs up on those. */
  readonly hangUp: () => void
  /** From now on it takes everything, whatever the note asks for. */
  readonly mend: () => void
}

/**
 * An upstream service that does with each note what its text asks for: `503 for 2` answers 503 to its first two tries,
 * `422 for 99` goes on for long, and `hang for 1` leaves the first try without an answer.
 */
export const noteUpstream: Effect.Effect<NoteUpstream, never, Scope.Scope> = Effect.gen(function* () {
  const secret = `whsec_${randomBytes(32).toString("base64")}`
  const webhook = new Webhook(secret)
  const told: Array<Told> = []
  const failures: Array<unknown> = []
  const hanging = new Set<ServerResponse>()
  let mended = false

  const answer = (response: ServerResponse, received: Received) => {
    webhook.verify(received.body, received.headers)
    const event = readEvent(received.headers["content-type"], received.body)
    told.push({ ...received, event })
    const [, what = "204", times = "0"] = /^(\d{3}|hang) for (\d+)/.exec(event.data?.body ?? "") ?? []
    const tries = told.filter(({ event: { id } }) => id === event.id).length
    if (mended || tries > Number(times)) return void response.writeHead(204).end()
    if (what !== "hang") return void response.writeHead(Number(what)).end("no")
    hanging.add(response)
    response.once("close", () => hanging.delete(response))
  }

  const { port } = yield* upstreamServer((response, received) => {
    try {
      answer(response, received)
    } catch (cause) {
      failures.push(cause)
      response.writeHead(401).end()
    }
  })
  const verified = () => {
    if (failures.length > 0)
      throw new Error("the upstream was told something that it could not read", { cause: failures[0] })
    return told
  }
  return {
    variables: {
      UPSTREAM_URL: `http://127.0.0.1:${port}/notes`,
      UPSTREAM_SECRET: secret,
      UPSTREAM_BACKOFF: "20 millis",
      UPSTREAM_TIMEOUT: "30 seconds",
      UPSTREAM_MAX_ATTEMPTS: "5"
    },
    told: verified,
    toldOf: (note) => verified().filter(({ event }) => event.data?.id === note),
    hanging: () => hanging.size,
    hangUp: () => hanging.forEach((response) => void response.destroy()),
    mend: () => {
      mended = true
    }
  }
})
