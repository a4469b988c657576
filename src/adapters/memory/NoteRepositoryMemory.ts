import { DateTime, Effect, HashMap, Layer, Option, Result } from "effect"
import type { AccountId } from "../../domain/accounts/Account.ts"
import { type ContactId, ContactNotFound } from "../../domain/contacts/Contact.ts"
import { Note, NoteId, NoteNotDead, NoteNotFound, type Processing } from "../../domain/contacts/Note.ts"
import { NoteRepository } from "../../domain/contacts/NoteRepository.ts"
import { destinations, EventRouting, noteDestinations } from "../../domain/events/EventRouting.ts"
import type { NoteEventType } from "../../domain/events/NoteEvent.ts"
import { OutboxEntry } from "../../domain/events/Outbox.ts"
import { OutboxSignal } from "../../domain/events/OutboxSignal.ts"
import { Transaction } from "../../domain/shared/Transaction.ts"
import type { Change } from "../../domain/notifications/Notification.ts"
import { MemoryWorld } from "./MemoryWorld.ts"
import { withNoteEvent } from "./NoteEventsMemory.ts"
import { newEventId } from "./OutboxRowsMemory.ts"
import { withAddressBookChange } from "./NotificationLogMemory.ts"
import type { World } from "./World.ts"

const changes: Record<NoteEventType, Change> = {
  "rookery.notes.created": "created",
  "rookery.notes.updated": "updated",
  "rookery.notes.deleted": "deleted"
}

const find = (world: World, owner: AccountId, contactId: ContactId, id: NoteId): Result.Result<Note, NoteNotFound> =>
  HashMap.get(world.notes, id).pipe(
    Option.map((row) => row.note),
    Option.filter((note) => note.accountId === owner && note.contactId === contactId),
    Result.fromOption(() => new NoteNotFound({ id }))
  )

const hasContact = (world: World, owner: AccountId, id: ContactId) =>
  Option.exists(HashMap.get(world.contacts, id), (contact) => contact.accountId === owner)

const ofContact = (world: World, contactId: ContactId): ReadonlyArray<Note> =>
  HashMap.toValues(world.notes)
    .flatMap(({ note }) => (note.contactId === contactId ? [note] : []))
    .toSorted((one, other) => one.id - other.id)

/** The world with every dead letter of that note pending again. */
const withoutDeadLetters = (world: World, id: NoteId, now: DateTime.Utc): World => ({
  ...world,
  outbox: HashMap.map(world.outbox, (row) => {
    if (row.noteId !== id || row.diedAt === null || row.entry.destination !== "upstream") return row
    const entry = new OutboxEntry({ ...row.entry, attempts: 0 })
    return { ...row, entry, availableAt: now, diedAt: null, lastError: null }
  })
})

const told = (world: World, { accountId, contactId, id }: Note, type: NoteEventType, now: DateTime.Utc): World => {
  const change = changes[type]
  return withAddressBookChange(world, accountId, { _tag: "NoteChanged", change, contactId, noteId: id }, now)
}

export const NoteRepositoryMemory = Layer.effect(
  NoteRepository,
  Effect.gen(function* () {
    const world = yield* MemoryWorld
    const routing = yield* EventRouting
    const signal = yield* OutboxSignal
    const { afterCommit } = yield* Transaction

    const unprocessed = (type: NoteEventType): Processing => ({
      status: destinations(routing, type).includes("upstream") ? "pending" : "off",
      attempts: 0,
      lastError: null,
      processedAt: null
    })

    const written = (before: World, note: Note, type: NoteEventType, now: DateTime.Utc) => {
      const eventId = newEventId()
      const after = withNoteEvent(world, routing, before, { id: eventId, type, note, now })
      const notes = HashMap.set(after.notes, note.id, { note, eventId })
      return [note, told({ ...after, notes }, note, type, now)] as const
    }

    return NoteRepository.of({
      findById: (owner, contactId, id) =>
        Effect.flatMap(
          world.read((current) => find(current, owner, contactId, id)),
          Effect.fromResult
        ),

      listByContact: (owner, contactId, after, limit) =>
        Effect.flatMap(
          world.read((current) => {
            if (!hasContact(current, owner, contactId)) return Result.fail(new ContactNotFound({ id: contactId }))
            const notes = ofContact(current, contactId).filter((note) => note.id > after)
            return Result.succeed(notes.slice(0, limit))
          }),
          Effect.fromResult
        ),

      page: (owner, contactId, { limit, skip }) =>
        Effect.flatMap(
          world.read((current) => {
            if (!hasContact(current, owner, contactId)) return Result.fail(new ContactNotFound({ id: contactId }))
            const notes = ofContact(current, contactId)
            return Result.succeed({ items: notes.slice(skip, skip + limit), total: notes.length })
          }),
          Effect.fromResult
        ),

      insert: (owner, contactId, body) =>
        world
          .change((before, now) => {
            if (!hasContact(before, owner, contactId)) return Result.fail(new ContactNotFound({ id: contactId }))
            const type = "rookery.notes.created"
            const id = NoteId.make(world.nextId("notes"))
            const times = { createdAt: now, updatedAt: now }
            const note = new Note({ id, contactId, accountId: owner, body, ...times, processing: unprocessed(type) })
            return Result.succeed(written(before, note, type, now))
          })
          .pipe(Effect.tap(afterCommit(signal.notifyOf(noteDestinations)))),

      saveBody: (owner, contactId, id, body) =>
        world.change((before, now) =>
          Result.map(find(before, owner, contactId, id), (note) => {
            const type = "rookery.notes.updated"
            const updatedAt = DateTime.max(now, note.updatedAt)
            return written(before, new Note({ ...note, body, updatedAt, processing: unprocessed(type) }), type, now)
          })
        ),

      redeliver: (owner, contactId, id) =>
        world.change((before, now) =>
          Result.flatMap(find(before, owner, contactId, id), (found) => {
            const { status } = found.processing
            if (status !== "dead") return Result.fail(new NoteNotDead({ id, status }))
            const processing = { status: "pending", attempts: 0, lastError: null, processedAt: null } as const
            const note = new Note({ ...found, processing })
            const notes = HashMap.modify(before.notes, id, (row) => ({ ...row, note }))
            return Result.succeed([note, withoutDeadLetters({ ...before, notes }, id, now)])
          })
        ),

      delete: (owner, contactId, id) =>
        world.change((before, now) =>
          Result.map(find(before, owner, contactId, id), (note) => {
            const event = { id: newEventId(), type: "rookery.notes.deleted", note, now } as const
            const after = withNoteEvent(world, routing, before, event)
            return [undefined, told({ ...after, notes: HashMap.remove(after.notes, id) }, note, event.type, now)]
          })
        )
    })
  })
)
