import { Duration, Layer, Redacted } from "effect"
import { SecureRandom } from "effect/crypto"
import { PasscodeHasherHmac } from "./adapters/hmac/PasscodeHasherHmac.ts"
import { BirthdayCacheInProcess } from "./adapters/inprocess/BirthdayCacheInProcess.ts"
import { AccountRepositoryMemory } from "./adapters/memory/AccountRepositoryMemory.ts"
import { AvatarImagesMemory } from "./adapters/memory/AvatarImagesMemory.ts"
import { BlobRemovalsMemory } from "./adapters/memory/BlobRemovalsMemory.ts"
import { BlobStoreMemory } from "./adapters/memory/BlobStoreMemory.ts"
import { ContactRepositoryMemory } from "./adapters/memory/ContactRepositoryMemory.ts"
import { EventPublisherMemory } from "./adapters/memory/EventPublisherMemory.ts"
import { FriendshipRepositoryMemory } from "./adapters/memory/FriendshipRepositoryMemory.ts"
import { IdempotencyKeysMemory } from "./adapters/memory/IdempotencyKeysMemory.ts"
import { LinkTokensMemory } from "./adapters/memory/LinkTokensMemory.ts"
import { MailerMemory } from "./adapters/memory/MailerMemory.ts"
import { MailQueueMemory } from "./adapters/memory/MailQueueMemory.ts"
import { MediaProbeMemory } from "./adapters/memory/MediaProbeMemory.ts"
import { MediaRepositoryMemory } from "./adapters/memory/MediaRepositoryMemory.ts"
import { MemoryWorld } from "./adapters/memory/MemoryWorld.ts"
import { MessageRepositoryMemory } from "./adapters/memory/MessageRepositoryMemory.ts"
import { NoteRepositoryMemory } from "./adapters/memory/NoteRepositoryMemory.ts"
import { NotificationLogMemory } from "./adapters/memory/NotificationLogMemory.ts"
import { NotifierMemory } from "./adapters/memory/NotifierMemory.ts"
import { OutboxMemory } from "./adapters/memory/OutboxMemory.ts"
import { PasscodeRepositoryMemory } from "./adapters/memory/PasscodeRepositoryMemory.ts"
import { PasswordHasherMemory } from "./adapters/memory/PasswordHasherMemory.ts"
import { RateLimitsMemory } from "./adapters/memory/RateLimitsMemory.ts"
import { RevocationsMemory } from "./adapters/memory/RevocationsMemory.ts"
import { SecretsMemory } from "./adapters/memory/SecretsMemory.ts"
import { SessionRepositoryMemory } from "./adapters/memory/SessionRepositoryMemory.ts"
import { SmsQueueMemory } from "./adapters/memory/SmsQueueMemory.ts"
import { SmsSenderMemory } from "./adapters/memory/SmsSenderMemory.ts"
import { TokensMemory } from "./adapters/memory/TokensMemory.ts"
import { TransactionMemory } from "./adapters/memory/TransactionMemory.ts"
import { UpstreamMemory } from "./adapters/memory/UpstreamMemory.ts"
import { Application } from "./Application.ts"
import { MailDelivery } from "./application/accounts/MailDelivery.ts"
import { PasscodeExpiry } from "./application/accounts/PasscodeExpiry.ts"
import { SmsDelivery } from "./application/accounts/SmsDelivery.ts"
import { NoteProcessing } from "./application/contacts/NoteProcessing.ts"
import { EventRelay } from "./application/events/EventRelay.ts"
import { NotificationExpiry } from "./application/notifications/NotificationExpiry.ts"
import { BlobRemoval } from "./application/shared/BlobRemoval.ts"
import { IdempotencyKeyExpiry } from "./application/shared/IdempotencyKeyExpiry.ts"
import { MediaExpiry } from "./application/talk/MediaExpiry.ts"
import { backoff } from "./domain/events/Backoff.ts"
import { EventHandover } from "./domain/events/EventHandover.ts"
import { EventRouting } from "./domain/events/EventRouting.ts"
import { OutboxSignal } from "./domain/events/OutboxSignal.ts"

const source = "https://rookery.test"
const passcodeTtl = Duration.minutes(10)

/** Every port on memory, and what a test steers and looks at: `MemoryWorld`, `PublishedEvents`, `UpstreamService`, ... */
export const MemoryPorts = Layer.mergeAll(
  AccountRepositoryMemory,
  SessionRepositoryMemory,
  ContactRepositoryMemory,
  NoteRepositoryMemory,
  BirthdayCacheInProcess,
  OutboxMemory,
  MailQueueMemory,
  MailerMemory,
  PasscodeRepositoryMemory,
  PasscodeHasherHmac({ secrets: [Redacted.make("a secret of 32 bytes, and of no use")] }),
  SmsQueueMemory({ available: true }),
  SmsSenderMemory,
  BlobRemovalsMemory,
  BlobStoreMemory,
  IdempotencyKeysMemory,
  AvatarImagesMemory,
  SecretsMemory,
  FriendshipRepositoryMemory,
  MessageRepositoryMemory,
  MediaRepositoryMemory,
  MediaProbeMemory,
  NotificationLogMemory,
  NotifierMemory.pipe(Layer.provideMerge(RevocationsMemory)),
  EventPublisherMemory,
  UpstreamMemory,
  PasswordHasherMemory,
  TokensMemory,
  LinkTokensMemory,
  RateLimitsMemory({ requestsPerMinute: 100 }),
  SecureRandom.layerWebCrypto
).pipe(
  Layer.provideMerge(Layer.mergeAll(TransactionMemory, OutboxSignal.layer, EventHandover.layer)),
  Layer.provideMerge(MemoryWorld.layer),
  Layer.provideMerge(Layer.succeed(EventRouting, { upstream: true }))
)

/** The use cases as one instance runs them; two of them on the same {@link MemoryPorts} are two instances. */
export const MemoryInstance = Application({
  access: Duration.minutes(15),
  session: Duration.days(30),
  emailVerification: "required",
  passcodeTtl,
  testPasscodes: new Map()
})

/** What brings events, notes, mails and SMS to where they go, where a test wants them brought. */
export const MemoryRelays = Layer.mergeAll(
  EventRelay({ source }),
  MailDelivery({ publicUrl: source }),
  SmsDelivery({ publicUrl: source, passcodeTtl }),
  PasscodeExpiry,
  NotificationExpiry,
  BlobRemoval,
  MediaExpiry,
  IdempotencyKeyExpiry,
  NoteProcessing({ source, maxAttempts: 12, backoff: backoff(Duration.seconds(1)) })
)

/** The whole application on memory, its relays running. See docs/harness.md. */
export const RookeryMemory = Layer.merge(MemoryInstance, MemoryRelays).pipe(Layer.provideMerge(MemoryPorts))
