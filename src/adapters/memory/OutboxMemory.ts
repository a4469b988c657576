import { DateTime, Duration, Effect, HashMap, Layer, Option, Order, Result } from "effect"
import { Note, type Processing } from "../../domain/contacts/Note.ts"
import { DeadLetter, Destination, Outbox, OutboxEntry } from "../../domain/events/Outbox.ts"
import { storableText } from "../../domain/shared/StorableText.ts"
import { MemoryWorld } from "./MemoryWorld.ts"
import type { OutboxRow, World } from "./World.ts"

const errorLength = 1000

const firstDue = Order.combine(
  Order.mapInput(DateTime.Order, (row: OutboxRow) => row.availableAt),
  Order.mapInput(Order.Number, (row: OutboxRow) => row.entry.id)
)
const lastDead = Order.flip(
  Order.combine(
    Order.mapInput(DateTime.Order, (letter: DeadLetter) => letter.diedAt),
    Order.mapInput(Order.Number, (letter: DeadLetter) => letter.id)
  )
)

const pending = (world: World, destination: Destination): ReadonlyArray<OutboxRow> =>
  HashMap.toValues(world.outbox).filter((row) => row.diedAt === null && row.entry.destination === destination)

/** The oldest pending entry of each subject. */
const heads = (world: World, destination: Destination): ReadonlyArray<OutboxRow> => {
  const oldest = new Map<string, OutboxRow>()
  for (const row of pending(world, destination)) {
    const other = oldest.get(row.entry.subject)
    if (other === undefined || row.entry.id < other.entry.id) oldest.set(row.entry.subject, row)
  }
  return [...oldest.values()].toSorted(firstDue)
}

const named = (world: World, ids: ReadonlyArray<number>): ReadonlyArray<OutboxRow> =>
  [...new Set(ids)].flatMap((id) => Option.toArray(HashMap.get(world.outbox, id)))

const leased = (world: World, holder: string, ids: ReadonlyArray<number>): ReadonlyArray<OutboxRow> =>
  named(world, ids).filter((row) => row.holder === holder)

const withRows = (world: World, rows: ReadonlyArray<OutboxRow>): World => ({
  ...world,
  outbox: HashMap.setMany(
    world.outbox,
    rows.map((row) => [row.entry.id, row] as const)
  )
})

const tried = (row: OutboxRow, attempts: number): OutboxRow => ({
  ...row,
  entry: new OutboxEntry({ ...row.entry, attempts })
})

/** Where an entry for the upstream tells of the latest version of its note, keeps what became of it with the note. */
const keepProcessing = (
  world: World,
  rows: ReadonlyArray<OutboxRow>,
  status: Processing["status"],
  processedAt: DateTime.Utc | null
): World => {
  const notes = rows.flatMap(({ entry, lastError, noteId }) =>
    Option.fromNullishOr(noteId).pipe(
      Option.flatMap((id) => HashMap.get(world.notes, id)),
      Option.filter((row) => entry.destination === "upstream" && row.eventId === entry.eventId),
      Option.map(({ eventId, note }) => {
        const processing = { status, attempts: entry.attempts, lastError, processedAt }
        return [note.id, { note: new Note({ ...note, processing }), eventId }] as const
      }),
      Option.toArray
    )
  )
  return { ...world, notes: HashMap.setMany(world.notes, notes) }
}

const deadLetter = ({ diedAt, entry, lastError }: OutboxRow): ReadonlyArray<DeadLetter> =>
  diedAt === null ? [] : [new DeadLetter({ ...entry, lastError, diedAt })]

export const OutboxMemory = Layer.effect(
  Outbox,
  Effect.gen(function* () {
    const world = yield* MemoryWorld

    return Outbox.of({
      claim: ({ destination, fresh, holder, lease, limit }) =>
        world.change((before, now) => {
          const claimed = heads(before, destination)
            .filter((row) => DateTime.isLessThanOrEqualTo(row.availableAt, now))
            .filter(({ entry }) => fresh === undefined || fresh === (entry.attempts === 0))
            .slice(0, limit)
            .map((row) => tried(row, row.entry.attempts + 1))
            .map((row) => ({ ...row, holder, availableAt: DateTime.addDuration(now, lease) }))
          return Result.succeed([claimed.map((row) => row.entry), withRows(before, claimed)])
        }),

      renew: (holder, ids, lease) =>
        world.change((before, now) => {
          const availableAt = DateTime.addDuration(now, lease)
          const rows = leased(before, holder, ids).map((row) => ({ ...row, availableAt }))
          return Result.succeed([undefined, withRows(before, rows)])
        }),

      complete: (holder, ids) =>
        world.change((before, now) => {
          const rows = leased(before, holder, ids).map((row) => ({ ...row, lastError: null }))
          const after = keepProcessing(before, rows, "delivered", now)
          const gone = rows.map((row) => row.entry.id)
          return Result.succeed([undefined, { ...after, outbox: HashMap.removeMany(after.outbox, gone) }])
        }),

      reschedule: (holder, id, delay, error) =>
        world.change((before, now) => {
          const availableAt = DateTime.addDuration(now, delay)
          const lastError = storableText(error, errorLength)
          const rows = leased(before, holder, [id]).map((row) => ({ ...row, holder: null, availableAt, lastError }))
          return Result.succeed([undefined, keepProcessing(withRows(before, rows), rows, "pending", null)])
        }),

      release: (holder, ids, delay) =>
        world.change((before, now) => {
          const availableAt = DateTime.addDuration(now, delay)
          const rows = leased(before, holder, ids)
            .map((row) => tried(row, Math.max(row.entry.attempts - 1, 0)))
            .map((row) => ({ ...row, holder: null, availableAt }))
          return Result.succeed([undefined, withRows(before, rows)])
        }),

      bury: (holder, id, error) =>
        world.change((before, now) => {
          const lastError = storableText(error, errorLength)
          const rows = leased(before, holder, [id])
            .map((row) => tried(row, Math.max(row.entry.attempts, 1)))
            .map((row) => ({ ...row, holder: null, diedAt: now, lastError }))
          return Result.succeed([undefined, keepProcessing(withRows(before, rows), rows, "dead", null)])
        }),

      untilDue: (destination) =>
        world.read((current, now) =>
          Option.map(Option.fromNullishOr(heads(current, destination)[0]), ({ availableAt }) =>
            Duration.max(Duration.zero, DateTime.distance(now, availableAt))
          )
        ),

      depth: world.read((current, now) =>
        Destination.literals.toSorted().map((destination) => {
          const rows = pending(current, destination)
          const ages = rows.map(({ entry }) => DateTime.distance(entry.occurredAt, now))
          const dead = HashMap.toValues(current.outbox).filter(
            (row) => row.diedAt !== null && row.entry.destination === destination
          )
          return {
            destination,
            pending: rows.length,
            dead: dead.length,
            oldest: ages.reduce(Duration.max, Duration.zero)
          }
        })
      ),

      listDead: (limit) =>
        world.read(({ outbox }) => HashMap.toValues(outbox).flatMap(deadLetter).toSorted(lastDead).slice(0, limit)),

      redeliver: (ids) =>
        world.change((before, now) => {
          const rows = (ids === "all" ? HashMap.toValues(before.outbox) : named(before, ids))
            .filter((row) => row.diedAt !== null)
            .map((row) => ({ ...tried(row, 0), availableAt: now, diedAt: null, lastError: null }))
          return Result.succeed([rows.length, keepProcessing(withRows(before, rows), rows, "pending", null)])
        })
    })
  })
)
