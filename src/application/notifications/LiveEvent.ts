import { Schema } from "effect"
import { Change, NotificationId } from "../../domain/notifications/Notification.ts"
import { PhoneDigits } from "../../domain/shared/PhoneNumber.ts"

const told = { id: NotificationId, at: Schema.DateTimeUtc }

/** What comes over a live connection, whatever carries it. */
export const LiveEvent = Schema.Union([
  /** Comes first, and again where a client lags behind further than anything is kept. */
  Schema.TaggedStruct("Connected", {
    at: Schema.DateTimeUtc,
    /** Of the newest event of the account; 0 where there has been none. */
    newest: Schema.Int,
    /** Whether all that was missed follows; if not, only what is new does. Null where nothing was asked for. */
    resumed: Schema.NullOr(Schema.Boolean)
  }),
  Schema.TaggedStruct("ContactsUpdated", told),
  /** `sender` is the other of the two, also where it was they who have read something. */
  Schema.TaggedStruct("MessagesUpdated", { ...told, sender: PhoneDigits }),
  Schema.TaggedStruct("ContactChanged", { ...told, change: Change, contactId: Schema.Int }),
  Schema.TaggedStruct("NoteChanged", { ...told, change: Change, contactId: Schema.Int, noteId: Schema.Int })
])
export type LiveEvent = typeof LiveEvent.Type
