import { DateTime, Effect, Layer, Order, Schema } from "effect"
import { Worker } from "./adapters/workers/Worker.ts"
import { DevOutboxInProcess, mostMessages } from "./adapters/devoutbox/DevOutboxInProcess.ts"
import { DevOutbox, UnsentMessage } from "./domain/shared/DevOutbox.ts"

const Messages = Schema.fromJsonString(
  Schema.Array(Schema.Struct({ ...UnsentMessage.fields, createdAt: Schema.DateTimeUtcFromString }))
)
const encode = Schema.encodeSync(Messages)
const decode = Schema.decodeSync(Messages)

const newestFirst = Order.flip(Order.mapInput(DateTime.Order, ({ createdAt }: UnsentMessage) => createdAt))

/** What the relays of all workers would have sent: whoever of them brings a message keeps it. */
export const DevOutboxOfWorkers = Layer.effect(
  DevOutbox,
  Effect.gen(function* () {
    const { answer, ask } = yield* Worker
    const own = yield* DevOutbox
    yield* answer("unsent messages", (to) => Effect.map(own.list(to === "" ? undefined : to), encode))
    return DevOutbox.of({
      add: own.add,
      list: (to = "") =>
        Effect.map(ask("unsent messages", to), (said) =>
          said
            .flatMap(({ text }) => (text === undefined ? [] : decode(text)))
            .map((message) => new UnsentMessage(message))
            .sort(newestFirst)
            .slice(0, mostMessages)
        )
    })
  })
).pipe(Layer.provide(DevOutboxInProcess))
