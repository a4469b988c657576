import { Context, Effect, Layer, Queue, Stream } from "effect"
import { EventPublisherInProcess } from "../../../src/adapters/inprocess/EventPublisherInProcess.ts"
import { InProcessEvents } from "../../../src/adapters/inprocess/InProcessEvents.ts"
import { NotifierInProcess } from "../../../src/adapters/inprocess/NotifierInProcess.ts"
import { RevocationsInProcess } from "../../../src/adapters/inprocess/RevocationsInProcess.ts"
import { Revocations } from "../../../src/domain/accounts/Revocations.ts"
import type { CloudEvent } from "../../../src/domain/events/CloudEvent.ts"
import { Notifier } from "../../../src/domain/notifications/Notifier.ts"
import { eventPublisherContract, Subscriber } from "../../contracts/eventPublisherContract.ts"
import { notifierContract } from "../../contracts/notifierContract.ts"
import { revocationsContract } from "../../contracts/revocationsContract.ts"

const SubscriberInProcess = Layer.effect(
  Subscriber,
  Effect.gen(function* () {
    const bus = yield* InProcessEvents
    const received = yield* Queue.unbounded<CloudEvent>()
    yield* bus.events.pipe(
      Stream.runForEach((event) => Queue.offer(received, event)),
      Effect.forkScoped({ startImmediately: true })
    )
    return Subscriber.of({ received: Effect.andThen(Effect.sleep("10 millis"), Queue.clear(received)) })
  })
)

eventPublisherContract("in-process", SubscriberInProcess.pipe(Layer.provideMerge(EventPublisherInProcess)))

revocationsContract(
  "in-process",
  Effect.gen(function* () {
    const context = yield* Layer.build(RevocationsInProcess)
    const bus = yield* Revocations.pipe(Effect.provide(context))
    return [bus, bus] as const
  })
)

notifierContract(
  "in-process",
  Effect.map(Layer.build(NotifierInProcess), (services) => {
    const bus = Context.get(services, Notifier)
    return [bus, bus] as const
  })
)
