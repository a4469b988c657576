import { Effect, Layer } from "effect"
import { Transaction } from "../../domain/shared/Transaction.ts"
import { MemoryWorld } from "./MemoryWorld.ts"

export const TransactionMemory = Layer.effect(
  Transaction,
  Effect.map(MemoryWorld, (world) => Transaction.make(world.atomic))
)
