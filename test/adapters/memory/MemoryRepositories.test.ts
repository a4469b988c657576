import { Layer } from "effect"
import { AccountRepositoryMemory } from "../../../src/adapters/memory/AccountRepositoryMemory.ts"
import { ContactRepositoryMemory } from "../../../src/adapters/memory/ContactRepositoryMemory.ts"
import { MemoryWorld } from "../../../src/adapters/memory/MemoryWorld.ts"
import { NoteRepositoryMemory } from "../../../src/adapters/memory/NoteRepositoryMemory.ts"
import { OutboxMemory } from "../../../src/adapters/memory/OutboxMemory.ts"
import { SecretsMemory } from "../../../src/adapters/memory/SecretsMemory.ts"
import { SessionRepositoryMemory } from "../../../src/adapters/memory/SessionRepositoryMemory.ts"
import { TransactionMemory } from "../../../src/adapters/memory/TransactionMemory.ts"
import { EventRouting } from "../../../src/domain/events/EventRouting.ts"
import { repositoryContracts } from "../../contracts/repositoryContracts.ts"

repositoryContracts("memory", (upstream) =>
  Layer.mergeAll(
    AccountRepositoryMemory,
    SessionRepositoryMemory,
    ContactRepositoryMemory,
    NoteRepositoryMemory,
    OutboxMemory,
    TransactionMemory,
    SecretsMemory
  ).pipe(Layer.provide(MemoryWorld.layer), Layer.provide(Layer.succeed(EventRouting, { upstream })))
)
