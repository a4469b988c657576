import { Schema } from "effect"
import { NotificationId } from "../../domain/notifications/Notification.ts"
import { ContentType } from "../../domain/shared/BlobStore.ts"
import { PhoneDigits, PhoneNumber } from "../../domain/shared/PhoneNumber.ts"
import { FriendStatus } from "../../domain/talk/Friendship.ts"
import { MediaId } from "../../domain/talk/Media.ts"
import { MediaKind } from "../../domain/talk/MediaFormat.ts"
import { Caption, ClientMessageId, DeliveryStatus, MessageId, MessageText } from "../../domain/talk/Message.ts"

const told = { id: NotificationId, at: Schema.DateTimeUtc }

/** What a client is told by itself. */
export const TalkNotification = Schema.Union([
  /** Comes first, and again where a client lags behind further than anything is kept. */
  Schema.TaggedStruct("Connected", {
    at: Schema.DateTimeUtc,
    /** The id of the newest notification of the account; 0 where there has been none. */
    newest: Schema.Int,
    /** Whether all that was missed follows; if not, only what is new does. Null where nothing was asked for. */
    resumed: Schema.NullOr(Schema.Boolean)
  }),
  Schema.TaggedStruct("ContactsUpdated", told),
  /** `sender` is the other of the two, also where it was they who have read something. */
  Schema.TaggedStruct("MessagesUpdated", { ...told, sender: PhoneDigits })
])
export type TalkNotification = typeof TalkNotification.Type

/** Where a client that was away takes up again: behind the notification with that id, or at a time. */
export const Since = Schema.Union([Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)), Schema.DateTimeUtc])
export type Since = typeof Since.Type

/** Somebody in one's list, as one sees them. */
export const TalkFriend = Schema.Struct({
  phoneNumber: PhoneDigits,
  /** The number, where no name was given. */
  displayName: Schema.String,
  status: FriendStatus,
  lastTouchAt: Schema.DateTimeUtc,
  unreadMessages: Schema.Int
})
export type TalkFriend = typeof TalkFriend.Type

const Text = Schema.TaggedStruct("Text", { text: MessageText })
const clip = {
  kind: MediaKind,
  mediaId: MediaId,
  /** Null where nothing was written beside it. */
  text: Schema.NullOr(Caption)
}

/** What is sent: a text, or a clip that was uploaded before. */
export const NewMessage = Schema.Struct({
  phoneNumber: PhoneNumber,
  content: Schema.Union([Text, Schema.TaggedStruct("Media", clip)]),
  /** Chosen by the client: sent again, it is the same message. */
  clientMessageId: Schema.optionalKey(ClientMessageId)
})

export const TalkMessage = Schema.Struct({
  id: MessageId,
  sender: PhoneDigits,
  receiver: PhoneDigits,
  content: Schema.Union([Text, Schema.TaggedStruct("Media", { ...clip, mediaType: ContentType })]),
  status: DeliveryStatus,
  createdAt: Schema.DateTimeUtc
})
export type TalkMessage = typeof TalkMessage.Type
