import { Effect, Schema } from "effect"
import { AccountId } from "../../../domain/accounts/Account.ts"
import { ContactId } from "../../../domain/contacts/Contact.ts"
import { Note, NoteBody, NoteId, Processing } from "../../../domain/contacts/Note.ts"
import { asFields, trusting } from "../TrustedRows.ts"

// timestamptz arrives from the driver as a Date.
export const NoteRow = Schema.Struct({
  id: NoteId,
  contactId: ContactId,
  accountId: AccountId,
  body: NoteBody,
  createdAt: Schema.DateTimeUtcFromDate,
  updatedAt: Schema.DateTimeUtcFromDate,
  processingStatus: Processing.fields.status,
  processingAttempts: Processing.fields.attempts,
  processingError: Processing.fields.lastError,
  processedAt: Schema.NullOr(Schema.DateTimeUtcFromDate)
})

/** Of a row that is called `note`. */
export const noteColumns = `note.id, note.contact_id, note.account_id, note.body, note.created_at, note.updated_at,
  note.processing_status, note.processing_attempts, note.processing_error, note.processed_at`

export const noteOf = (row: typeof NoteRow.Type): Note => {
  const { accountId, body, contactId, createdAt, id, processedAt, updatedAt } = row
  const { processingAttempts: attempts, processingError: lastError, processingStatus: status } = row
  const processing = { status, attempts, lastError, processedAt }
  return new Note({ id, contactId, accountId, body, createdAt, updatedAt, processing }, trusting)
}

/** The {@link noteColumns} under the names of the fields: for rows that are read as they come. */
export const noteFieldColumns = asFields(noteColumns)

const rowsOf = Schema.decodeUnknownEffect(Schema.Array(NoteRow), trusting)

/** The notes in rows of the {@link noteFieldColumns}. */
export const notesFrom = (rows: ReadonlyArray<unknown>): Effect.Effect<ReadonlyArray<Note>, Schema.SchemaError> =>
  Effect.map(rowsOf(rows), (decoded) => decoded.map(noteOf))
