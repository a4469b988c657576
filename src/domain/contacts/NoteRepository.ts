import { Context, type Effect } from "effect"
import type { AccountId } from "../accounts/Account.ts"
import type { Page, PageRequest } from "../shared/Page.ts"
import type { ContactId, ContactNotFound } from "./Contact.ts"
import type { Note, NoteBody, NoteId, NoteNotDead, NoteNotFound } from "./Note.ts"

/**
 * Only ever sees the owner's rows. Each change is written together with its event, addressed as `EventRouting` says:
 * both are kept, or neither.
 */
export class NoteRepository extends Context.Service<
  NoteRepository,
  {
    findById(owner: AccountId, contactId: ContactId, id: NoteId): Effect.Effect<Note, NoteNotFound>
    /** Those of the contact with an id above `after`, ordered by id, at most `limit`. */
    listByContact(
      owner: AccountId,
      contactId: ContactId,
      after: number,
      limit: number
    ): Effect.Effect<ReadonlyArray<Note>, ContactNotFound>
    /** A part of them, ordered by id. */
    page(owner: AccountId, contactId: ContactId, request: PageRequest): Effect.Effect<Page<Note>, ContactNotFound>
    /** Sees to it that its event is brought: no relay has to be woken for it, as for that of any other change. */
    insert(owner: AccountId, contactId: ContactId, body: NoteBody): Effect.Effect<Note, ContactNotFound>
    /** Its processing begins anew. */
    saveBody(owner: AccountId, contactId: ContactId, id: NoteId, body: NoteBody): Effect.Effect<Note, NoteNotFound>
    /**
     * Makes every dead letter of a note whose latest version is one pending again, with all its tries before it; the note
     * as it then is.
     */
    redeliver(owner: AccountId, contactId: ContactId, id: NoteId): Effect.Effect<Note, NoteNotFound | NoteNotDead>
    delete(owner: AccountId, contactId: ContactId, id: NoteId): Effect.Effect<void, NoteNotFound>
  }
>()("rookery/domain/contacts/NoteRepository") {}
