import { Layer } from "effect"
import { EventPublisherJetStream } from "./adapters/nats/EventPublisherJetStream.ts"
import { NatsConnection, type NatsOptions } from "./adapters/nats/NatsConnection.ts"
import { NotifierNats } from "./adapters/nats/NotifierNats.ts"
import { RevocationsNats } from "./adapters/nats/RevocationsNats.ts"

export const BusOverNats = (options: NatsOptions) =>
  Layer.mergeAll(EventPublisherJetStream, RevocationsNats, NotifierNats).pipe(
    Layer.provideMerge(NatsConnection.layer(options))
  )
