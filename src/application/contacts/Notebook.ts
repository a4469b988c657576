import { Context, Effect, Layer } from "effect"
import type { AccountId } from "../../domain/accounts/Account.ts"
import type { ContactId, ContactNotFound } from "../../domain/contacts/Contact.ts"
import type { Note, NoteBody, NoteId, NoteNotDead, NoteNotFound } from "../../domain/contacts/Note.ts"
import { NoteRepository } from "../../domain/contacts/NoteRepository.ts"
import { noteDestinations } from "../../domain/events/EventRouting.ts"
import { OutboxSignal } from "../../domain/events/OutboxSignal.ts"
import { type Listing, listing, listingFrom } from "../../domain/shared/Listing.ts"
import { Notifier } from "../../domain/notifications/Notifier.ts"
import type { PageRequest } from "../../domain/shared/Page.ts"
import { Transaction } from "../../domain/shared/Transaction.ts"

/** A note can have 400 kB, so that a page of them has 6 MB at most, for each reader. */
const notesAtOnce = 16

/** Streamed: a hundred notes can be ten million characters. */
export interface NotePage {
  readonly notes: Listing<Note>
  /** Of the whole list. */
  readonly total: number
}

/** The notes under contacts. Whatever changes a note commits its event with it, and wakes relays and the owner's clients. */
export class Notebook extends Context.Service<
  Notebook,
  {
    add(owner: AccountId, contactId: ContactId, body: NoteBody): Effect.Effect<Note, ContactNotFound>
    get(owner: AccountId, contactId: ContactId, id: NoteId): Effect.Effect<Note, NoteNotFound>
    /** All notes of the contact, ordered by id. */
    list(owner: AccountId, contactId: ContactId): Effect.Effect<Listing<Note>, ContactNotFound>
    /** A part of them. */
    page(owner: AccountId, contactId: ContactId, request: PageRequest): Effect.Effect<NotePage, ContactNotFound>
    rewrite(owner: AccountId, contactId: ContactId, id: NoteId, body: NoteBody): Effect.Effect<Note, NoteNotFound>
    remove(owner: AccountId, contactId: ContactId, id: NoteId): Effect.Effect<void, NoteNotFound>
    /** Sends what the upstream service did not take again, with all its tries before it; the note as it then is. */
    resend(owner: AccountId, contactId: ContactId, id: NoteId): Effect.Effect<Note, NoteNotFound | NoteNotDead>
  }
>()("rookery/application/contacts/Notebook") {
  static readonly layer = Layer.effect(
    Notebook,
    Effect.gen(function* () {
      const notes = yield* NoteRepository
      const signal = yield* OutboxSignal
      const notifier = yield* Notifier
      const { afterCommit } = yield* Transaction
      const waking = <A, E>(change: Effect.Effect<A, E>) =>
        Effect.tap(change, afterCommit(signal.notifyOf(noteDestinations)))
      const telling = <A, E>(owner: AccountId, change: Effect.Effect<A, E>) =>
        Effect.tap(waking(change), afterCommit(notifier.wake([owner])))

      const page = Effect.fn("Notebook.page")(function* (
        owner: AccountId,
        contactId: ContactId,
        { limit, skip }: PageRequest
      ) {
        const { items, total } = yield* notes.page(owner, contactId, { skip, limit: Math.min(limit, notesAtOnce) })
        const next = (after: number, count: number) => notes.listByContact(owner, contactId, after, count)
        return { notes: listingFrom(items, next, notesAtOnce, limit), total }
      })

      return Notebook.of({
        add: (owner, contactId, body) =>
          Effect.tap(notes.insert(owner, contactId, body), afterCommit(notifier.wake([owner]))),
        get: notes.findById,
        list: (owner, contactId) =>
          listing((after, limit) => notes.listByContact(owner, contactId, after, limit), notesAtOnce),
        page,
        rewrite: (owner, contactId, id, body) => telling(owner, notes.saveBody(owner, contactId, id, body)),
        remove: (owner, contactId, id) => telling(owner, notes.delete(owner, contactId, id)),
        resend: (owner, contactId, id) => waking(notes.redeliver(owner, contactId, id))
      })
    })
  )
}
