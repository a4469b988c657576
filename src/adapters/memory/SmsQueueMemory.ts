import { Effect, Layer, Result } from "effect"
import { smsEntry, SmsQueue } from "../../domain/accounts/SmsQueue.ts"
import { MemoryWorld } from "./MemoryWorld.ts"
import { newEventId, newRow, withRows } from "./OutboxRowsMemory.ts"

export interface SmsQueueOptions {
  /** Whether there is anything that sends them. */
  readonly available: boolean
}

export const SmsQueueMemory = ({ available }: SmsQueueOptions) =>
  Layer.effect(
    SmsQueue,
    Effect.gen(function* () {
      const world = yield* MemoryWorld

      return SmsQueue.of({
        available,
        enqueue: (sms) =>
          world.change((before, now) =>
            Result.succeed([undefined, withRows(before, [newRow(world, smsEntry(newEventId(), sms), now)])])
          )
      })
    })
  )
