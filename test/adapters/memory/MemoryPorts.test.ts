import { Context, Effect, Layer } from "effect"
import { AvatarImagesMemory } from "../../../src/adapters/memory/AvatarImagesMemory.ts"
import { EventPublisherMemory, PublishedEvents } from "../../../src/adapters/memory/EventPublisherMemory.ts"
import { NotifierMemory } from "../../../src/adapters/memory/NotifierMemory.ts"
import { PasswordHasherMemory } from "../../../src/adapters/memory/PasswordHasherMemory.ts"
import { RateLimitsMemory } from "../../../src/adapters/memory/RateLimitsMemory.ts"
import { RevocationsMemory } from "../../../src/adapters/memory/RevocationsMemory.ts"
import { TokensMemory } from "../../../src/adapters/memory/TokensMemory.ts"
import { Revocations } from "../../../src/domain/accounts/Revocations.ts"
import { Notifier } from "../../../src/domain/notifications/Notifier.ts"
import { avatarImagesContract } from "../../contracts/avatarImagesContract.ts"
import { eventPublisherContract, Subscriber } from "../../contracts/eventPublisherContract.ts"
import { notifierContract } from "../../contracts/notifierContract.ts"
import { passwordHasherContract } from "../../contracts/passwordHasherContract.ts"
import { rateLimitsContract } from "../../contracts/rateLimitsContract.ts"
import { revocationsContract } from "../../contracts/revocationsContract.ts"
import { tokensContract } from "../../contracts/tokensContract.ts"

avatarImagesContract("memory", AvatarImagesMemory)
passwordHasherContract("memory", PasswordHasherMemory)
tokensContract("memory", TokensMemory)
rateLimitsContract("memory", (requestsPerMinute) => RateLimitsMemory({ requestsPerMinute }))

revocationsContract(
  "memory",
  Effect.map(Layer.build(RevocationsMemory), (services) => {
    const bus = Context.get(services, Revocations)
    return [bus, bus] as const
  })
)

const SubscriberMemory = Layer.effect(
  Subscriber,
  PublishedEvents.useSync((published) => {
    let read = 0
    return Subscriber.of({
      received: Effect.map(published.all, (all) => {
        const received = all.slice(read)
        read = all.length
        return received
      })
    })
  })
)
eventPublisherContract("memory", Layer.provideMerge(SubscriberMemory, EventPublisherMemory))

notifierContract(
  "memory",
  Effect.map(Layer.build(NotifierMemory.pipe(Layer.provide(RevocationsMemory))), (services) => {
    const bus = Context.get(services, Notifier)
    return [bus, bus] as const
  })
)
