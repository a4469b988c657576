import { jetstreamManager, type StoredMsg } from "@nats-io/jetstream"
import { connect } from "@nats-io/transport-node"
import { CloudEvent, HTTP } from "cloudevents"
import { Effect, type Scope } from "effect"

export interface NoteData {
  readonly id: number
  readonly contact_id: number
  readonly user_id: number
  readonly body?: string
  readonly created_at: string
  readonly updated_at: string
}

export interface Published {
  readonly subject: string
  readonly messageId: string | undefined
  /** As it was stored. */
  readonly text: string
  readonly event: CloudEvent<NoteData>
}

/** Reads an event as others do, and fails where it is no valid CloudEvent. */
export const readEvent = (contentType: string | undefined, body: string): CloudEvent<NoteData> => {
  const event = HTTP.toEvent<NoteData>({ headers: { "content-type": contentType }, body })
  if (!(event instanceof CloudEvent)) throw new Error(`not one event: ${body}`)
  event.validate()
  return event
}

const published = (message: StoredMsg): Published => ({
  subject: message.subject,
  messageId: message.header.get("Nats-Msg-Id"),
  text: message.string(),
  event: readEvent(message.header.get("content-type"), message.string())
})

export interface NoteStream {
  /** Everything that the stream holds, in order; fails while NATS is away. */
  readonly all: () => Promise<ReadonlyArray<Published>>
}

/** Looks into the stream beside the server. */
export const noteStream = (url: string, prefix: string): Effect.Effect<NoteStream, never, Scope.Scope> =>
  Effect.gen(function* () {
    const core = yield* Effect.acquireRelease(
      Effect.promise(() => connect({ servers: new URL(url).host, maxReconnectAttempts: -1, reconnectTimeWait: 50 })),
      (core) => Effect.promise(() => core.close())
    )
    const stream = `${prefix.toUpperCase()}_NOTES`
    const read: Array<Published> = []
    const all = async () => {
      const manager = await jetstreamManager(core, { checkAPI: false, timeout: 2000 })
      const { state } = await manager.streams.info(stream)
      while (read.length < state.last_seq) {
        const batch = Array.from(
          { length: Math.min(100, state.last_seq - read.length) },
          (_, at) => read.length + 1 + at
        )
        const messages = await Promise.all(batch.map((seq) => manager.streams.getMessage(stream, { seq })))
        for (const message of messages) {
          if (message === null) throw new Error("a message is gone from the stream")
          read.push(published(message))
        }
      }
      return read
    }
    return { all }
  })
