import { type DateTime, HashMap } from "effect"
import { SecureRandom } from "effect/crypto"
import { EventId, OutboxEntry } from "../../domain/events/Outbox.ts"
import type { MemoryWorld } from "./MemoryWorld.ts"
import { type OutboxRow, pendingRow, type World } from "./World.ts"

export const newEventId = () => EventId.make(SecureRandom.uuidV4Unsafe())

/** An entry that nobody has tried yet, due at once if nothing else is said. */
export const newRow = (
  { nextId }: MemoryWorld["Service"],
  what: Pick<OutboxEntry, "eventId" | "destination" | "type" | "subject" | "data">,
  now: DateTime.Utc,
  more?: Partial<Pick<OutboxRow, "availableAt" | "noteId">>
): OutboxRow => pendingRow(new OutboxEntry({ ...what, id: nextId("outbox"), occurredAt: now, attempts: 0 }), more)

/** The world with these rows in its outbox, in the place of what they were before. */
export const withRows = (world: World, rows: ReadonlyArray<OutboxRow>): World => ({
  ...world,
  outbox: HashMap.setMany(
    world.outbox,
    rows.map((row) => [row.entry.id, row] as const)
  )
})
