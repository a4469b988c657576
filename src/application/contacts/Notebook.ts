import { Context, Effect, Layer } from "effect"
import type { AccountId } from "../../domain/accounts/Account.ts"
import type { ContactId, ContactNotFound } from "../../domain/contacts/Contact.ts"
import type { Note, NoteBody, NoteId, NoteNotFound } from "../../domain/contacts/Note.ts"
import { NoteRepository } from "../../domain/contacts/NoteRepository.ts"
import { OutboxSignal } from "../../domain/events/OutboxSignal.ts"
import { type Listing, listing } from "../../domain/shared/Listing.ts"

/** A note can have 400 kB, so that a page of them has 6 MB at most, for each reader. */
const notesAtOnce = 16

/** The notes under contacts. Whatever changes a note commits its event with it and wakes the relay. */
export class Notebook extends Context.Service<
  Notebook,
  {
    add(owner: AccountId, contactId: ContactId, body: NoteBody): Effect.Effect<Note, ContactNotFound>
    get(owner: AccountId, contactId: ContactId, id: NoteId): Effect.Effect<Note, NoteNotFound>
    /** All notes of the contact, ordered by id. */
    list(owner: AccountId, contactId: ContactId): Effect.Effect<Listing<Note>, ContactNotFound>
    rewrite(owner: AccountId, contactId: ContactId, id: NoteId, body: NoteBody): Effect.Effect<Note, NoteNotFound>
    remove(owner: AccountId, contactId: ContactId, id: NoteId): Effect.Effect<void, NoteNotFound>
  }
>()("rookery/application/contacts/Notebook") {
  static readonly layer = Layer.effect(
    Notebook,
    Effect.gen(function* () {
      const notes = yield* NoteRepository
      const signal = yield* OutboxSignal
      const waking = <A, E>(change: Effect.Effect<A, E>) => Effect.tap(change, signal.notify)

      return Notebook.of({
        add: (owner, contactId, body) => waking(notes.insert(owner, contactId, body)),
        get: notes.findById,
        list: (owner, contactId) =>
          listing((after, limit) => notes.listByContact(owner, contactId, after, limit), notesAtOnce),
        rewrite: (owner, contactId, id, body) => waking(notes.saveBody(owner, contactId, id, body)),
        remove: (owner, contactId, id) => waking(notes.delete(owner, contactId, id))
      })
    })
  )
}
