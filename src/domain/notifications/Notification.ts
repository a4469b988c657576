import { type DateTime, Schema } from "effect"
import { AccountId } from "../accounts/Account.ts"
import type { PhoneDigits } from "../shared/PhoneNumber.ts"

/** What became of something. */
export const Change = Schema.Literals(["created", "updated", "deleted"])
export type Change = typeof Change.Type

/** What a person's clients are told. It says that something changed, and where to look; never what. */
export const Notification = Schema.Union([
  /** On talk: somebody in the list, or their status. */
  Schema.TaggedStruct("ContactsUpdated", {}),
  /** On talk: messages with that person, or their delivery. */
  Schema.TaggedStruct("MessagesUpdated", { with: AccountId }),
  /** In the address book. */
  Schema.TaggedStruct("ContactChanged", { change: Change, contactId: Schema.Int }),
  Schema.TaggedStruct("NoteChanged", { change: Change, contactId: Schema.Int, noteId: Schema.Int })
])
export type Notification = typeof Notification.Type

/** What a client is told of: friends and messages, or the address book with its notes. */
export const Topic = Schema.Literals(["talk", "addressBook"])
export type Topic = typeof Topic.Type

export const topicOf = ({ _tag }: Notification): Topic =>
  _tag === "ContactsUpdated" || _tag === "MessagesUpdated" ? "talk" : "addressBook"

export const NotificationId = Schema.Int.check(Schema.isGreaterThan(0)).pipe(Schema.brand("NotificationId"))
export type NotificationId = typeof NotificationId.Type

/** One that was kept, so that a client that was away gets it. Ids of one account grow in the order of the commits. */
export class KeptNotification extends Schema.Class<KeptNotification>("KeptNotification")({
  id: NotificationId,
  accountId: AccountId,
  notification: Notification,
  createdAt: Schema.DateTimeUtc
}) {}

/** That an account has been told of messages, with all that its clients are to know of it: nobody has to look it up. */
export interface MessageNews {
  readonly to: AccountId
  readonly id: NotificationId
  readonly at: DateTime.Utc
  /** The number of the other of the two. */
  readonly phone: PhoneDigits
}
