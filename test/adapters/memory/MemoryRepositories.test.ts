import { Layer } from "effect"
import { AccountRepositoryMemory } from "../../../src/adapters/memory/AccountRepositoryMemory.ts"
import { BlobRemovalsMemory } from "../../../src/adapters/memory/BlobRemovalsMemory.ts"
import { ContactRepositoryMemory } from "../../../src/adapters/memory/ContactRepositoryMemory.ts"
import { MailQueueMemory } from "../../../src/adapters/memory/MailQueueMemory.ts"
import { FriendshipRepositoryMemory } from "../../../src/adapters/memory/FriendshipRepositoryMemory.ts"
import { IdempotencyKeysMemory } from "../../../src/adapters/memory/IdempotencyKeysMemory.ts"
import { MediaRepositoryMemory } from "../../../src/adapters/memory/MediaRepositoryMemory.ts"
import { MemoryWorld } from "../../../src/adapters/memory/MemoryWorld.ts"
import { MessageRepositoryMemory } from "../../../src/adapters/memory/MessageRepositoryMemory.ts"
import { NoteRepositoryMemory } from "../../../src/adapters/memory/NoteRepositoryMemory.ts"
import { NotificationLogMemory } from "../../../src/adapters/memory/NotificationLogMemory.ts"
import { OutboxMemory } from "../../../src/adapters/memory/OutboxMemory.ts"
import { PasscodeRepositoryMemory } from "../../../src/adapters/memory/PasscodeRepositoryMemory.ts"
import { SecretsMemory } from "../../../src/adapters/memory/SecretsMemory.ts"
import { SessionRepositoryMemory } from "../../../src/adapters/memory/SessionRepositoryMemory.ts"
import { SmsQueueMemory } from "../../../src/adapters/memory/SmsQueueMemory.ts"
import { TransactionMemory } from "../../../src/adapters/memory/TransactionMemory.ts"
import { EventRouting } from "../../../src/domain/events/EventRouting.ts"
import { OutboxSignal } from "../../../src/domain/events/OutboxSignal.ts"
import { repositoryContracts } from "../../contracts/repositoryContracts.ts"

repositoryContracts("memory", (upstream) =>
  Layer.mergeAll(
    AccountRepositoryMemory,
    SessionRepositoryMemory,
    ContactRepositoryMemory,
    NoteRepositoryMemory,
    OutboxMemory,
    MailQueueMemory,
    PasscodeRepositoryMemory,
    SmsQueueMemory({ available: true }),
    BlobRemovalsMemory,
    IdempotencyKeysMemory,
    FriendshipRepositoryMemory,
    MessageRepositoryMemory,
    MediaRepositoryMemory,
    NotificationLogMemory,
    SecretsMemory
  ).pipe(
    Layer.provideMerge(TransactionMemory),
    Layer.provide(OutboxSignal.layer),
    Layer.provide(MemoryWorld.layer),
    Layer.provide(Layer.succeed(EventRouting, { upstream }))
  )
)
