import { DateTime, Effect, HashMap, Layer, Option, Result } from "effect"
import type { AccountId } from "../../domain/accounts/Account.ts"
import { type ContactId, ContactNotFound } from "../../domain/contacts/Contact.ts"
import { Note, NoteId, NoteNotFound, type Processing } from "../../domain/contacts/Note.ts"
import { NoteRepository } from "../../domain/contacts/NoteRepository.ts"
import { destinations, EventRouting } from "../../domain/events/EventRouting.ts"
import type { NoteEventType } from "../../domain/events/NoteEvent.ts"
import { MemoryWorld, type World } from "./MemoryWorld.ts"
import { newEventId, withNoteEvent } from "./NoteEventsMemory.ts"

const find = (world: World, owner: AccountId, contactId: ContactId, id: NoteId): Result.Result<Note, NoteNotFound> =>
  HashMap.get(world.notes, id).pipe(
    Option.map((row) => row.note),
    Option.filter((note) => note.accountId === owner && note.contactId === contactId),
    Result.fromOption(() => new NoteNotFound({ id }))
  )

const hasContact = (world: World, owner: AccountId, id: ContactId) =>
  Option.exists(HashMap.get(world.contacts, id), (contact) => contact.accountId === owner)

export const NoteRepositoryMemory = Layer.effect(
  NoteRepository,
  Effect.gen(function* () {
    const world = yield* MemoryWorld
    const routing = yield* EventRouting

    const unprocessed = (type: NoteEventType): Processing => ({
      status: destinations(routing, type).includes("upstream") ? "pending" : "off",
      attempts: 0,
      lastError: null,
      processedAt: null
    })

    const written = (before: World, note: Note, type: NoteEventType, now: DateTime.Utc) => {
      const eventId = newEventId()
      const after = withNoteEvent(world, routing, before, { id: eventId, type, note, now })
      return [note, { ...after, notes: HashMap.set(after.notes, note.id, { note, eventId }) }] as const
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
            const notes = HashMap.toValues(current.notes)
              .flatMap(({ note }) => (note.contactId === contactId && note.id > after ? [note] : []))
              .toSorted((one, other) => one.id - other.id)
            return Result.succeed(notes.slice(0, limit))
          }),
          Effect.fromResult
        ),

      insert: (owner, contactId, body) =>
        world.change((before, now) => {
          if (!hasContact(before, owner, contactId)) return Result.fail(new ContactNotFound({ id: contactId }))
          const type = "rookery.notes.created"
          const id = NoteId.make(world.nextId("notes"))
          const times = { createdAt: now, updatedAt: now }
          const note = new Note({ id, contactId, accountId: owner, body, ...times, processing: unprocessed(type) })
          return Result.succeed(written(before, note, type, now))
        }),

      saveBody: (owner, contactId, id, body) =>
        world.change((before, now) =>
          Result.map(find(before, owner, contactId, id), (note) => {
            const type = "rookery.notes.updated"
            const updatedAt = DateTime.max(now, note.updatedAt)
            return written(before, new Note({ ...note, body, updatedAt, processing: unprocessed(type) }), type, now)
          })
        ),

      delete: (owner, contactId, id) =>
        world.change((before, now) =>
          Result.map(find(before, owner, contactId, id), (note) => {
            const event = { id: newEventId(), type: "rookery.notes.deleted", note, now } as const
            const told = withNoteEvent(world, routing, before, event)
            return [undefined, { ...told, notes: HashMap.remove(told.notes, id) }]
          })
        )
    })
  })
)
