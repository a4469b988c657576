import { Schema } from "effect"
import { AccountId } from "../accounts/Account.ts"
import { NonBlankText } from "../shared/Text.ts"
import { ContactId } from "./Contact.ts"

export const NoteId = Schema.Int.check(Schema.isGreaterThan(0)).pipe(Schema.brand("NoteId"))
export type NoteId = typeof NoteId.Type

/** At most 100,000 characters: with its envelope and escapes it fits the 1 MB that a NATS message may have. */
export const NoteBody = NonBlankText(100_000).pipe(Schema.brand("NoteBody"))
export type NoteBody = typeof NoteBody.Type

/** How far the upstream service has come with the latest version of a note. */
export const Processing = Schema.Struct({
  /** `off` where no upstream was configured when the note was written. */
  status: Schema.Literals(["pending", "delivered", "dead", "off"]),
  attempts: Schema.Int,
  lastError: Schema.NullOr(Schema.String),
  processedAt: Schema.NullOr(Schema.DateTimeUtc)
})
export type Processing = typeof Processing.Type

export class Note extends Schema.Class<Note>("Note")({
  id: NoteId,
  contactId: ContactId,
  accountId: AccountId,
  body: NoteBody,
  createdAt: Schema.DateTimeUtc,
  updatedAt: Schema.DateTimeUtc,
  processing: Processing
}) {}

/** No such note under that contact, or somebody else's: nobody can tell which. */
export class NoteNotFound extends Schema.TaggedError<NoteNotFound>()("NoteNotFound", { id: NoteId }) {}

/** There is nothing to send again: the note's latest version was taken, is on its way, or goes nowhere. */
export class NoteNotDead extends Schema.TaggedError<NoteNotDead>()("NoteNotDead", {
  id: NoteId,
  status: Processing.fields.status
}) {}
