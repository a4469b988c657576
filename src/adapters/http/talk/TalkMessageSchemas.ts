import { Schema, SchemaGetter } from "effect"
import { PhoneNumber } from "../../../domain/shared/PhoneNumber.ts"
import { namedMedia } from "../../../domain/talk/MediaFormat.ts"
import { ClientMessageId, DeliveryStatus, MessageId } from "../../../domain/talk/Message.ts"
import { described } from "../ApiDocs.ts"
import { pathId } from "../PathId.ts"
import { docs } from "./TalkMembers.ts"

const wholeNumber = "must be a whole number of at least 1"

/** A whole number of at least 1, however large: what is too large to be counted is still more than is given at a time. */
const count = Schema.String.check(Schema.isPattern(/^0*[1-9]\d*$/, { message: wholeNumber })).pipe(
  Schema.decodeTo(Schema.Finite, {
    decode: SchemaGetter.transform((digits) => Math.min(Number(digits), Number.MAX_SAFE_INTEGER)),
    encode: SchemaGetter.transform(String)
  })
)

export const messagesQuery = {
  count: Schema.optionalKey(count),
  before_id: Schema.optionalKey(pathId.pipe(Schema.brand("MessageId")))
}

const media_content_id = pathId.pipe(Schema.brand("MediaId"))
export const mediaParams = { media_content_id }
export const mediaQuery = { media_content_id }

const isNamed = Schema.makeFilter((name: string) =>
  namedMedia(name) === undefined ? "must be audio, video, or a media type of either such as video/mp4" : undefined
)
export const uploadQuery = { media_type: Schema.String.check(isNamed) }

const MessageType = Schema.Literals(["text", "audio", "video"])

/** What a text leaves out, and what fits its type, depends on that: `contentOf` looks at it. */
export const NewMessage = described(
  Schema.Struct({
    phone_number: PhoneNumber,
    message_type: MessageType,
    message: Schema.optionalKey(Schema.NullOr(Schema.String)),
    media_content_id: Schema.optionalKey(Schema.NullOr(Schema.Finite)),
    client_message_id: Schema.optionalKey(Schema.NullOr(ClientMessageId))
  }),
  {
    name: "TalkNewMessage",
    description: "A message to be",
    members: {
      phone_number: docs.phoneNumber,
      message_type: docs.messageType,
      message: {
        description: "A text has to have one, a clip may: at most 10,000 characters",
        maxLength: 10_000,
        example: "Are you there yet?"
      },
      media_content_id: {
        ...docs.mediaId,
        type: ["integer", "null"],
        description: "The `id` of an upload of one's own; passed over where it is a text"
      },
      client_message_id: {
        description: "Chosen by the client: sent again, it is the same message",
        minLength: 1,
        maxLength: 255,
        example: "0b5c7d1e-6a2f-4c3b-9d8e-7f1a2b3c4d5e"
      }
    }
  }
)
export type NewMessage = typeof NewMessage.Type

export const TalkMessage = described(
  Schema.Struct({
    id: Schema.Int,
    sender: Schema.String,
    receiver: Schema.String,
    message: Schema.String,
    message_type: MessageType,
    media_type: Schema.NullOr(Schema.String),
    media_content_id: Schema.NullOr(Schema.Int),
    status: DeliveryStatus,
    created_at: Schema.DateTimeUtcFromString
  }),
  {
    name: "TalkMessage",
    description: "A message between two",
    members: {
      id: { ...docs.messageId, minimum: 1 },
      sender: docs.digits,
      receiver: { ...docs.digits, example: "4915187654321" },
      message: { description: "Empty where nothing was written beside a clip", example: "Are you there yet?" },
      message_type: docs.messageType,
      media_type: { description: "The media type of the clip; null where it is a text", example: null },
      media_content_id: { description: "Opens the clip; null where it is a text", minimum: 1, example: null },
      status: {
        description: "`delivered` once a client of the receiver knows of it, `seen` once it was read; never goes back",
        example: "created"
      },
      created_at: docs.time
    }
  }
)
export type TalkMessage = typeof TalkMessage.Type

export const TalkMessages = described(
  Schema.Struct({ success: Schema.Literal(true), messages: Schema.Array(TalkMessage) }),
  { name: "TalkMessages", description: "Messages, the newest first", members: { success: docs.success } }
)

export const MessageRead = described(Schema.Struct({ message_id: MessageId }), {
  name: "TalkMessageRead",
  description: "A message that was seen",
  members: { message_id: docs.messageId }
})

export const TextsRead = described(Schema.Struct({ phone_number: PhoneNumber }), {
  name: "TalkTextsRead",
  description: "Whose texts were seen",
  members: { phone_number: docs.phoneNumber }
})

export const Done = described(Schema.Struct({ success: Schema.Literal(true) }), {
  name: "TalkDone",
  description: "It is done",
  members: { success: docs.success }
})

export const MediaUploadForm = described(Schema.Struct({ file: Schema.String }), {
  name: "TalkMediaUpload",
  description: "A clip",
  members: { file: { format: "binary", description: "Audio or video, at most 100 MB; told by its bytes" } }
})

export const MediaUploaded = described(
  Schema.Struct({ success: Schema.Literal(true), id: Schema.Int, duration: Schema.NullOr(Schema.Finite) }),
  {
    name: "TalkMediaUploaded",
    description: "A clip that can be sent; one that is not goes after a day",
    members: {
      success: docs.success,
      id: { description: "For `media_content_id`", minimum: 1, example: 7 },
      duration: { description: "How long it plays, in seconds; null where that can't be told", example: 12.48 }
    }
  }
)
