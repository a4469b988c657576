import { type DateTime, Effect, Schema } from "effect"
import { AccountId } from "../../../domain/accounts/Account.ts"
import { NotificationId } from "../../../domain/notifications/Notification.ts"
import { ContentType } from "../../../domain/shared/BlobStore.ts"
import { PhoneDigits } from "../../../domain/shared/PhoneNumber.ts"
import { MediaId } from "../../../domain/talk/Media.ts"
import { MediaKind } from "../../../domain/talk/MediaFormat.ts"
import { Caption, DeliveryStatus, Message, MessageId, MessageText } from "../../../domain/talk/Message.ts"
import type { Delivery, NewText, SentText } from "../../../domain/talk/MessageRepository.ts"
import { trusting } from "../TrustedRows.ts"

const Common = Schema.Struct({
  id: MessageId,
  sender: AccountId,
  receiver: AccountId,
  status: DeliveryStatus,
  // timestamptz arrives from the driver as a Date.
  createdAt: Schema.DateTimeUtcFromDate
})
const TextRow = Schema.Struct({ ...Common.fields, kind: Schema.Literal("text"), body: MessageText })
const MediaRow = Schema.Struct({
  ...Common.fields,
  kind: MediaKind,
  body: Schema.NullOr(Caption),
  mediaId: MediaId,
  mediaType: ContentType
})
export const MessageRow = Schema.Union([TextRow, MediaRow])

export const messageColumns =
  "id, sender_id AS sender, receiver_id AS receiver, kind, body, media_id, media_type, status, created_at"

export const messageOf = (row: typeof MessageRow.Type): Message => {
  const { createdAt, id, receiver, sender, status } = row
  const content =
    row.kind === "text"
      ? ({ _tag: "Text", text: row.body } as const)
      : ({ _tag: "Media", kind: row.kind, mediaId: row.mediaId, mediaType: row.mediaType, text: row.body } as const)
  return new Message({ id, sender, receiver, content, status, createdAt })
}

const Told = { newsId: NotificationId, newsAt: Schema.DateTimeUtcFromDate }

const sentRowOf = Schema.decodeUnknownEffect(
  Schema.Struct({ id: MessageId, receiver: AccountId, senderPhone: PhoneDigits, ...Told }),
  trusting
)

/** The message in a row that has what whoever sent it did not know. */
export const sentFrom = (
  row: unknown,
  { sender, text }: Pick<NewText, "sender" | "text">,
  createdAt: DateTime.Utc
): Effect.Effect<SentText, Schema.SchemaError> =>
  Effect.map(sentRowOf(row), ({ id, newsAt, newsId, receiver, senderPhone }) => {
    const content = { _tag: "Text", text } as const
    return {
      message: new Message({ id, sender, receiver, content, status: "created", createdAt }, trusting),
      senderPhone,
      news: { to: receiver, id: newsId, at: newsAt, phone: senderPhone }
    }
  })

const Delivered = { sender: AccountId, isLast: Schema.Boolean }
const deliveryRowOf = Schema.decodeUnknownEffect(
  Schema.Union([
    Schema.Struct({ ...Delivered, ...Told, receiverPhone: PhoneDigits }),
    Schema.Struct({ ...Delivered, newsId: Schema.Null })
  ]),
  trusting
)

export const deliveryFrom = (row: unknown): Effect.Effect<Delivery, Schema.SchemaError> =>
  Effect.map(deliveryRowOf(row), ({ isLast, sender, ...told }) => {
    const news =
      told.newsId === null ? undefined : { to: sender, id: told.newsId, at: told.newsAt, phone: told.receiverPhone }
    return { sender, isLast, news }
  })
