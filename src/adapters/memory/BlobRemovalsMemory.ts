import { DateTime, Effect, HashMap, Layer, Result } from "effect"
import { BlobRemovals, blobSubject, removalEntry } from "../../domain/shared/BlobRemovals.ts"
import type { BlobKey } from "../../domain/shared/BlobStore.ts"
import { MemoryWorld } from "./MemoryWorld.ts"
import { newEventId, newRow, withRows } from "./OutboxRowsMemory.ts"
import type { OutboxRow, World } from "./World.ts"

/** Nobody has set about these yet, nor has the time come for it. */
const waiting = (world: World, key: BlobKey, now: DateTime.Utc): ReadonlyArray<OutboxRow> =>
  HashMap.toValues(world.outbox)
    .filter(({ entry }) => entry.destination === "blobs" && entry.subject === blobSubject(key))
    .filter(({ diedAt, entry }) => diedAt === null && entry.attempts === 0)
    .filter(({ availableAt }) => DateTime.isGreaterThan(availableAt, now))

export const BlobRemovalsMemory = Layer.effect(
  BlobRemovals,
  Effect.gen(function* () {
    const world = yield* MemoryWorld

    return BlobRemovals.of({
      schedule: (key, delay) =>
        world.change((before, now) => {
          const due = DateTime.addDuration(now, delay)
          const earlier = waiting(before, key, now)
          const rows =
            earlier.length === 0
              ? [newRow(world, removalEntry(newEventId(), key), now, { availableAt: due })]
              : earlier.map((row) => ({ ...row, availableAt: DateTime.min(row.availableAt, due) }))
          return Result.succeed([undefined, withRows(before, rows)])
        }),

      cancel: (key) =>
        world.change((before, now) => {
          const gone = waiting(before, key, now).map((row) => row.entry.id)
          return Result.succeed([gone.length > 0, { ...before, outbox: HashMap.removeMany(before.outbox, gone) }])
        })
    })
  })
)
