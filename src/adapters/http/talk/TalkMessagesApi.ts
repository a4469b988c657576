import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { phoneParams } from "./TalkContactSchemas.ts"
import { Conflict, Forbidden, NotFound } from "./TalkErrors.ts"
import { operations } from "./TalkMessageOperations.ts"
import { Done, MessageRead, messagesQuery, NewMessage, TalkMessages, TextsRead } from "./TalkMessageSchemas.ts"
import { Authorization, Body } from "./TalkMiddleware.ts"

export class TalkMessagesGroup extends HttpApiGroup.make("messages", { topLevel: true })
  .add(
    HttpApiEndpoint.get("listMessages", "/messages/:phone_number", {
      params: phoneParams,
      query: messagesQuery,
      success: TalkMessages,
      error: NotFound.schema
    }).annotateMerge(operations.listMessages),
    HttpApiEndpoint.post("sendMessage", "/messages/send", {
      payload: NewMessage,
      success: TalkMessages,
      error: [Forbidden.schema, NotFound.schema, Conflict.schema]
    }).annotateMerge(operations.sendMessage),
    HttpApiEndpoint.put("readMessage", "/messages/read", {
      payload: MessageRead,
      success: Done,
      error: NotFound.schema
    }).annotateMerge(operations.readMessage),
    HttpApiEndpoint.put("readAllTexts", "/messages/read_all_text", {
      payload: TextsRead,
      success: Done,
      error: NotFound.schema
    }).annotateMerge(operations.readAllTexts)
  )
  .prefix("/api")
  .middleware(Body)
  .middleware(Authorization)
  .annotateMerge(OpenApi.annotations({ description: "Messages between friends, and the clips in them" })) {}
