import { Schema } from "effect"
import { AccountId } from "../accounts/Account.ts"
import { ContentType } from "../shared/BlobStore.ts"
import type { PhoneDigits } from "../shared/PhoneNumber.ts"
import { NonBlankText, Text } from "../shared/Text.ts"
import { MediaId } from "./Media.ts"
import { MediaKind } from "./MediaFormat.ts"

export const MessageId = Schema.Int.check(Schema.isGreaterThan(0)).pipe(Schema.brand("MessageId"))
export type MessageId = typeof MessageId.Type

/** At most 10,000 characters. */
export const MessageText = NonBlankText(10_000).pipe(Schema.brand("MessageText"))
export type MessageText = typeof MessageText.Type

/** What is written beside a clip: at most 10,000 characters. */
export const Caption = Text(10_000).pipe(Schema.brand("Caption"))
export type Caption = typeof Caption.Type

/** What a client calls a message, so that the same sent twice is one; at most 255 characters. */
export const ClientMessageId = Text(255).check(Schema.isMinLength(1)).pipe(Schema.brand("ClientMessageId"))
export type ClientMessageId = typeof ClientMessageId.Type

/** Only ever goes forward. */
export const DeliveryStatus = Schema.Literals(["created", "delivered", "seen"])
export type DeliveryStatus = typeof DeliveryStatus.Type

const TextContent = Schema.TaggedStruct("Text", { text: MessageText })
const MediaContent = Schema.TaggedStruct("Media", {
  kind: MediaKind,
  mediaId: MediaId,
  /** Null where nothing was written beside it. */
  text: Schema.NullOr(Caption)
})

/** What somebody wants to send. */
export type Sendable = typeof TextContent.Type | typeof MediaContent.Type

export const MessageContent = Schema.Union([
  TextContent,
  Schema.TaggedStruct("Media", { ...MediaContent.fields, mediaType: ContentType })
])
export type MessageContent = typeof MessageContent.Type

export class Message extends Schema.Class<Message>("Message")({
  id: MessageId,
  sender: AccountId,
  receiver: AccountId,
  content: MessageContent,
  status: DeliveryStatus,
  createdAt: Schema.DateTimeUtc
}) {
  /** Whether somebody who sends that to that account says the same again. */
  says(receiver: AccountId, sent: Sendable): boolean {
    const { content } = this
    if (receiver !== this.receiver || sent.text !== content.text) return false
    if (content._tag === "Text" || sent._tag === "Text") return content._tag === sent._tag
    return content.mediaId === sent.mediaId && content.kind === sent.kind
  }
}

/** A message that somebody has sent, and the number by which others know them. */
export interface SentMessage {
  readonly message: Message
  readonly senderPhone: PhoneDigits
}

/** The two are not friends now: nobody can write. */
export class NotFriends extends Schema.TaggedError<NotFriends>()("NotFriends", {}) {}

/** No such message to the reader. */
export class MessageNotFound extends Schema.TaggedError<MessageNotFound>()("MessageNotFound", {}) {}

/** The client has given the same id to another message. */
export class ClientMessageIdReused extends Schema.TaggedError<ClientMessageIdReused>()("ClientMessageIdReused", {
  id: ClientMessageId
}) {}
