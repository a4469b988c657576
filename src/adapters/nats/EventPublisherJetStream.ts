import {
  jetstream,
  JetStreamApiCodes,
  JetStreamApiError,
  jetstreamManager,
  RetentionPolicy,
  StorageType
} from "@nats-io/jetstream"
import { errors, headers, nanos } from "@nats-io/transport-node"
import { Duration, Effect, Layer, Option, Schema } from "effect"
import { type CloudEvent, cloudEventMediaType, encodeCloudEvent } from "../../domain/events/CloudEvent.ts"
import { EventPublisher, EventRefused, PublisherUnavailable } from "../../domain/events/EventPublisher.ts"
import { type LiveConnection, NatsConnection } from "./NatsConnection.ts"

/** For the acknowledgement of one event, and for each question about the stream. */
const timeout = 2000

/** What the server answers to a message that no try will bring in: larger than the stream allows. */
const messageTooLarge = 10054

class StreamError extends Schema.TaggedError<StreamError>()("StreamError", { cause: Schema.Defect() }) {}

const ask = <A>(question: () => Promise<A>) =>
  Effect.tryPromise({ try: question, catch: (cause) => new StreamError({ cause }) })

const describe = (cause: unknown) => (cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause))

const isApiError = (cause: unknown, code: number) => cause instanceof JetStreamApiError && cause.code === code

/** Nobody listens to the subject: there is no such stream, perhaps no longer. The client exports no class for it. */
const isUnheard = (cause: unknown) => cause instanceof Error && cause.name === "JetStreamNotEnabled"

/** The client itself refuses what is larger than the server takes; the server, what is larger than the stream takes. */
const isRefusal = (cause: unknown) =>
  (cause instanceof errors.InvalidArgumentError && cause.message.includes("max_payload")) ||
  isApiError(cause, messageTooLarge)

/**
 * Publishes to `<prefix>.notes.<created|updated|deleted>` in the JetStream stream `<PREFIX>_NOTES`. The stream is made
 * where it is missing, also later, and left as it is where it exists: its limits are the operator's. Within its duplicate
 * window an event is stored once; after that, or in a stream that was made anew, a consumer may see it twice.
 */
export const EventPublisherJetStream = Layer.effect(
  EventPublisher,
  Effect.gen(function* () {
    const connection = yield* NatsConnection
    const prefix = connection.subjectPrefix
    const stream = `${prefix.toUpperCase()}_NOTES`

    const makeStream = Effect.fnUntraced(function* ({ core }: LiveConnection) {
      const manager = yield* ask(() => jetstreamManager(core, { checkAPI: false, timeout }))
      yield* ask(() => manager.streams.info(stream)).pipe(
        Effect.catchIf(
          ({ cause }) => isApiError(cause, JetStreamApiCodes.StreamNotFound),
          () =>
            ask(() =>
              manager.streams.add({
                name: stream,
                subjects: [`${prefix}.notes.*`],
                retention: RetentionPolicy.Limits,
                storage: StorageType.File,
                max_age: nanos(Duration.toMillis(Duration.days(30))),
                duplicate_window: nanos(Duration.toMillis(Duration.minutes(2)))
              })
            )
        )
      )
    })

    // Consumers find the stream before the first event. What fails here fails again, and is told of, at the first event.
    yield* connection.whileLive((live) => Effect.ignore(makeStream(live))).pipe(Effect.forkScoped)

    const send = ({ core }: LiveConnection, { id, type }: CloudEvent, body: string) =>
      ask(() => {
        const messageHeaders = headers()
        messageHeaders.set("content-type", cloudEventMediaType)
        const subject = type.replace(/^rookery\./, `${prefix}.`)
        return jetstream(core).publish(subject, body, { msgID: id, headers: messageHeaders, timeout })
      })

    const publish = Effect.fn("EventPublisher.publish")(
      function* (event: CloudEvent) {
        const live = Option.getOrUndefined(yield* connection.live)
        if (live === undefined) return yield* new PublisherUnavailable({ reason: "NATS is not connected" })
        const body = encodeCloudEvent(event)
        yield* send(live, event, body).pipe(
          Effect.catchIf(
            ({ cause }) => isUnheard(cause),
            () => Effect.andThen(makeStream(live), send(live, event, body))
          )
        )
      },
      Effect.catchTag("StreamError", ({ cause }): Effect.Effect<never, EventRefused | PublisherUnavailable> => {
        const reason = describe(cause)
        return Effect.fail(isRefusal(cause) ? new EventRefused({ reason }) : new PublisherUnavailable({ reason }))
      })
    )

    return EventPublisher.of({ publish })
  })
)
