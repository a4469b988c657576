import { Schema } from "effect"

const id = Schema.Union([Schema.Int, Schema.String.check(Schema.isMaxLength(64))])

/**
 * What a client may say. What else the framework would read is left out: headers and traces that strangers make up, and
 * requests that are not answered, of which nobody could say when they are done.
 */
const ClientMessage = Schema.Union([
  Schema.Struct({
    _tag: Schema.Literal("Request"),
    id,
    tag: Schema.String,
    payload: Schema.optionalKey(Schema.Unknown)
  }),
  Schema.Struct({ _tag: Schema.Literals(["Ack", "Interrupt"]), requestId: id }),
  Schema.Struct({ _tag: Schema.Literal("Ping") })
])
export type ClientMessage = typeof ClientMessage.Type

/** None where it is none: a frame is one message in JSON. */
export const readMessage = Schema.decodeUnknownOption(Schema.fromJsonString(ClientMessage))
