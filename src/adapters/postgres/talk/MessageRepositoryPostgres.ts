import { DateTime, Effect, Layer, Option } from "effect"
import { SqlClient } from "effect/sql"
import type { AccountId } from "../../../domain/accounts/Account.ts"
import {
  type ClientMessageId,
  type MessageContent,
  type MessageId,
  MessageNotFound
} from "../../../domain/talk/Message.ts"
import { MessageRepository, type NewMessage, type NewText } from "../../../domain/talk/MessageRepository.ts"
import { spanned } from "../../../domain/shared/Spanned.ts"
import { deliveryFrom, messageOf, sentFrom } from "./MessageRows.ts"
import { messageStatements } from "./MessageStatements.ts"

const columnsOf = (content: MessageContent) =>
  content._tag === "Text"
    ? { kind: "text", body: content.text, mediaId: null, mediaType: null }
    : { kind: content.kind, body: content.text, mediaId: content.mediaId, mediaType: content.mediaType }

export const MessageRepositoryPostgres = Layer.effect(
  MessageRepository,
  Effect.gen(function* () {
    const statements = messageStatements(yield* SqlClient.SqlClient)

    const findByClientId = Effect.fn("MessageRepository.findByClientId")((sender: AccountId, id: ClientMessageId) =>
      statements.selectByClientId({ sender, id }).pipe(Effect.map(Option.map(messageOf)), Effect.orDie)
    )

    const findReceived = Effect.fn("MessageRepository.findReceived")((receiver: AccountId, id: MessageId) =>
      statements.selectReceived({ receiver, id }).pipe(
        Effect.map(messageOf),
        Effect.catchTags({
          NoSuchElementError: () => Effect.fail(new MessageNotFound()),
          SchemaError: Effect.die,
          SqlError: Effect.die
        })
      )
    )

    const insert = Effect.fn("MessageRepository.insert")(({ content, ...message }: NewMessage, now: DateTime.Utc) =>
      statements
        .insertRow({ ...message, ...columnsOf(content), now })
        .pipe(Effect.map(Option.map(messageOf)), Effect.orDie)
    )

    const list = Effect.fn("MessageRepository.list")(
      (one: AccountId, other: AccountId, limit: number, before: MessageId | undefined) =>
        statements.selectPage({ one, other, limit, before }).pipe(
          Effect.map((rows) => rows.map(messageOf)),
          Effect.orDie
        )
    )

    const sendText = ({ clientMessageId, phone, sender, text }: NewText, now: DateTime.Utc) =>
      statements.insertText({ sender, phone, text, clientMessageId, now: DateTime.toDateUtc(now) }).pipe(
        Effect.flatMap(([row]) =>
          row === undefined ? Effect.succeedNone : Effect.map(sentFrom(row, { sender, text }, now), Option.some)
        ),
        Effect.orDie,
        spanned("MessageRepository.sendText")
      )

    const deliverNext = (receiver: AccountId, after: AccountId | 0) =>
      statements.deliverNext({ receiver, after }).pipe(
        Effect.flatMap(([row]) =>
          row === undefined ? Effect.succeedNone : Effect.map(deliveryFrom(row), Option.some)
        ),
        Effect.orDie,
        spanned("MessageRepository.deliverNext")
      )

    const see = Effect.fn("MessageRepository.see")((receiver: AccountId, sender: AccountId, id: MessageId) =>
      statements.seeRow({ receiver, sender, id }).pipe(
        Effect.map(({ count }) => count > 0),
        Effect.orDie
      )
    )

    const seeTexts = Effect.fn("MessageRepository.seeTexts")((receiver: AccountId, sender: AccountId) =>
      statements.seeTextRows({ receiver, sender }).pipe(
        Effect.map(({ count }) => count),
        Effect.orDie
      )
    )

    return MessageRepository.of({
      findByClientId,
      findReceived,
      insert,
      list,
      sendText,
      deliverNext,
      see,
      seeTexts
    })
  })
)
