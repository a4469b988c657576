import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream"
import { connect } from "@nats-io/transport-node"
import { Effect, Schema } from "effect"
import { CloudEvent } from "../../../src/domain/events/CloudEvent.ts"

export interface StoredMessage {
  readonly subject: string
  readonly messageId: string | undefined
  readonly contentType: string | undefined
  readonly event: CloudEvent
}

const decode = Schema.decodeSync(Schema.fromJsonString(CloudEvent))

/** A client beside the one under test. It deletes the stream when the scope closes. */
export const streamReader = (url: string, prefix: string) =>
  Effect.gen(function* () {
    const stream = `${prefix.toUpperCase()}_NOTES`
    const core = yield* Effect.acquireRelease(
      Effect.promise(() => connect({ servers: url, maxReconnectAttempts: -1, reconnectTimeWait: 100 })),
      (core) => Effect.promise(() => core.close())
    )
    const manager = yield* Effect.promise(() => jetstreamManager(core, { checkAPI: false }))
    const deleteStream = Effect.promise(() => manager.streams.delete(stream).catch(() => false))
    yield* Effect.addFinalizer(() =>
      Effect.asVoid(Effect.timeoutOption(Effect.interruptible(deleteStream), "2 seconds"))
    )

    /** What the stream holds after its first `skip` messages. */
    const stored = (skip = 0) =>
      Effect.promise(async () => {
        const { state } = await manager.streams.info(stream)
        const count = state.messages - skip
        if (count <= 0) return []
        const { name } = await manager.consumers.add(stream, {
          ack_policy: AckPolicy.None,
          deliver_policy: DeliverPolicy.StartSequence,
          opt_start_seq: state.first_seq + skip,
          mem_storage: true,
          inactive_threshold: 5e9
        })
        const consumer = await jetstream(core).consumers.get(stream, name)
        const messages: Array<StoredMessage> = []
        for await (const message of await consumer.fetch({ max_messages: count, expires: 5000 })) {
          messages.push({
            subject: message.subject,
            messageId: message.headers?.get("Nats-Msg-Id"),
            contentType: message.headers?.get("content-type"),
            event: decode(message.string())
          })
        }
        return messages
      })
    return { core, manager, stream, stored, deleteStream }
  })
