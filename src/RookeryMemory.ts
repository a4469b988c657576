import { Duration, Layer } from "effect"
import { SecureRandom } from "effect/crypto"
import { AccountRepositoryMemory } from "./adapters/memory/AccountRepositoryMemory.ts"
import { ContactRepositoryMemory } from "./adapters/memory/ContactRepositoryMemory.ts"
import { EventPublisherMemory } from "./adapters/memory/EventPublisherMemory.ts"
import { MemoryWorld } from "./adapters/memory/MemoryWorld.ts"
import { NoteRepositoryMemory } from "./adapters/memory/NoteRepositoryMemory.ts"
import { OutboxMemory } from "./adapters/memory/OutboxMemory.ts"
import { PasswordHasherMemory } from "./adapters/memory/PasswordHasherMemory.ts"
import { RateLimitsMemory } from "./adapters/memory/RateLimitsMemory.ts"
import { RevocationsMemory } from "./adapters/memory/RevocationsMemory.ts"
import { SecretsMemory } from "./adapters/memory/SecretsMemory.ts"
import { SessionRepositoryMemory } from "./adapters/memory/SessionRepositoryMemory.ts"
import { TokensMemory } from "./adapters/memory/TokensMemory.ts"
import { TransactionMemory } from "./adapters/memory/TransactionMemory.ts"
import { UpstreamMemory } from "./adapters/memory/UpstreamMemory.ts"
import { Application } from "./Application.ts"
import { NoteProcessing } from "./application/contacts/NoteProcessing.ts"
import { EventRelay } from "./application/events/EventRelay.ts"
import { backoff } from "./domain/events/Backoff.ts"
import { EventRouting } from "./domain/events/EventRouting.ts"
import { OutboxSignal } from "./domain/events/OutboxSignal.ts"

const source = "https://rookery.test"

/** Every port on memory, and what a test steers and looks at: `MemoryWorld`, `PublishedEvents`, `UpstreamService`, ... */
export const MemoryPorts = Layer.mergeAll(
  AccountRepositoryMemory,
  SessionRepositoryMemory,
  ContactRepositoryMemory,
  NoteRepositoryMemory,
  OutboxMemory,
  TransactionMemory,
  SecretsMemory,
  RevocationsMemory,
  EventPublisherMemory,
  UpstreamMemory,
  PasswordHasherMemory,
  TokensMemory,
  RateLimitsMemory({ requestsPerMinute: 100 }),
  OutboxSignal.layer,
  SecureRandom.layerWebCrypto
).pipe(Layer.provideMerge(MemoryWorld.layer), Layer.provideMerge(Layer.succeed(EventRouting, { upstream: true })))

/** The use cases as one instance runs them; two of them on the same {@link MemoryPorts} are two instances. */
export const MemoryInstance = Application({
  access: Duration.minutes(15),
  session: Duration.days(30),
  verifiesEmail: true
})

/** What brings notes' events to the event stream and to the upstream service, where a test wants them brought. */
export const MemoryRelays = Layer.merge(
  EventRelay({ source }),
  NoteProcessing({ source, maxAttempts: 12, backoff: backoff(Duration.seconds(1)) })
)

/** The whole application on memory, its relays running. See docs/harness.md. */
export const RookeryMemory = Layer.merge(MemoryInstance, MemoryRelays).pipe(Layer.provideMerge(MemoryPorts))
