import { Effect, Layer, Result } from "effect"
import { mailEntry, MailQueue } from "../../domain/accounts/MailQueue.ts"
import { MemoryWorld } from "./MemoryWorld.ts"
import { newEventId, newRow, withRows } from "./OutboxRowsMemory.ts"

export const MailQueueMemory = Layer.effect(
  MailQueue,
  Effect.gen(function* () {
    const world = yield* MemoryWorld

    return MailQueue.of({
      enqueue: (mail) =>
        world.change((before, now) =>
          Result.succeed([undefined, withRows(before, [newRow(world, mailEntry(newEventId(), mail), now)])])
        )
    })
  })
)
