import { Effect, Schema } from "effect"
import { Caption, MessageText, type Sendable } from "../../../domain/talk/Message.ts"
import { MediaId } from "../../../domain/talk/Media.ts"
import { violations } from "../Violation.ts"
import { BadRequest } from "./TalkErrors.ts"
import type { NewMessage } from "./TalkMessageSchemas.ts"

/** As a schema of the body would: the first thing that is wrong with the member. */
const decode = <A>(schema: Schema.Codec<A, unknown>, name: string) => {
  const decodeUnknown = Schema.decodeUnknownEffect(schema)
  return (value: unknown) =>
    Effect.mapError(decodeUnknown(value), ({ issue }) => {
      const [first] = violations(issue)
      return BadRequest.of(value == null ? `${name} is required` : `${name} ${first?.message ?? "is not valid"}`)
    })
}

const decodeText = decode(MessageText, "message")
const decodeCaption = decode(Caption, "message")
const decodeId = decode(MediaId, "media_content_id")

/** What is to be sent. What another type of message has is passed over, as clients send all members always. */
export const contentOf = Effect.fnUntraced(function* ({ media_content_id, message, message_type }: NewMessage) {
  if (message_type === "text") return { _tag: "Text", text: yield* decodeText(message) } satisfies Sendable
  const mediaId = yield* decodeId(media_content_id)
  const text = message == null || message === "" ? null : yield* decodeCaption(message)
  return { _tag: "Media", kind: message_type, mediaId, text } satisfies Sendable
})
