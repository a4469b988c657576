import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Profile } from "../../../application/accounts/Profile.ts"
import { Conversations } from "../../../application/talk/Conversations.ts"
import type { AccountId } from "../../../domain/accounts/Account.ts"
import { type PhoneDigits, phoneDigits } from "../../../domain/shared/PhoneNumber.ts"
import type { Message } from "../../../domain/talk/Message.ts"
import { CurrentSession } from "../Authorization.ts"
import { TalkApi } from "./TalkApi.ts"
import { BadRequest, Conflict, Forbidden, NotFound } from "./TalkErrors.ts"
import { contentOf } from "./TalkMessageContent.ts"
import type { TalkMessage } from "./TalkMessageSchemas.ts"
import { invalidToken, noMedia, noPhoneNumber, withoutFriend, withoutNumber } from "./TalkRefusals.ts"

/** The two of a conversation, as one of them sees it. */
interface Sides {
  readonly owner: AccountId
  readonly own: PhoneDigits
  readonly other: PhoneDigits
}

const toWire =
  ({ other, own, owner }: Sides) =>
  ({ content, createdAt, id, sender, status }: Message): TalkMessage => ({
    id,
    sender: sender === owner ? own : other,
    receiver: sender === owner ? other : own,
    message: content.text ?? "",
    message_type: content._tag === "Text" ? "text" : content.kind,
    media_type: content._tag === "Text" ? null : content.mediaType,
    media_content_id: content._tag === "Text" ? null : content.mediaId,
    status,
    created_at: createdAt
  })

const shown = (sides: Sides, messages: ReadonlyArray<Message>) =>
  ({ success: true, messages: messages.map(toWire(sides)) }) as const

/** Deleted just now. */
const withoutAccount = { AccountNotFound: () => Effect.fail(invalidToken()) }

const done = { success: true } as const

export const TalkMessagesHandlers = HttpApiBuilder.group(
  TalkApi,
  "messages",
  Effect.fn(function* (handlers) {
    const conversations = yield* Conversations
    const profile = yield* Profile

    const ownNumber = Effect.fnUntraced(function* (owner: AccountId) {
      const { phoneNumber } = yield* profile.get(owner)
      return phoneNumber ?? (yield* noPhoneNumber())
    })

    return handlers.handleAll({
      listMessages: Effect.fnUntraced(
        function* ({ params, query }) {
          const { accountId } = yield* CurrentSession
          const phone = phoneDigits(params.phone_number)
          const page = { count: query.count, before: query.before_id }
          const messages = yield* conversations.list(accountId, phone, page)
          return shown({ owner: accountId, own: yield* ownNumber(accountId), other: phone }, messages)
        },
        Effect.catchTags({ ...withoutAccount, ...withoutNumber, ...withoutFriend("Contact not found") })
      ),
      sendMessage: Effect.fnUntraced(
        function* ({ payload }) {
          const { accountId } = yield* CurrentSession
          const phone = phoneDigits(payload.phone_number)
          const content = yield* contentOf(payload)
          const clientMessageId = payload.client_message_id ?? undefined
          const { message, senderPhone } = yield* conversations.send(accountId, { phone, content, clientMessageId })
          return shown({ owner: accountId, own: senderPhone, other: phone }, [message])
        },
        Effect.catchTags({
          ...withoutAccount,
          ...withoutNumber,
          ...withoutFriend("Recipient not found"),
          NotFriends: () => Effect.fail(Forbidden.of("Only friends can write to each other")),
          MediaNotFound: () => Effect.fail(noMedia()),
          WrongMediaKind: ({ kind }) =>
            Effect.fail(BadRequest.of(`message_type must be ${kind}, as the media content is`)),
          ClientMessageIdReused: () => Effect.fail(Conflict.of("client_message_id was used for another message"))
        })
      ),
      readMessage: ({ payload }) =>
        CurrentSession.use(({ accountId }) => conversations.read(accountId, [payload.message_id])).pipe(
          Effect.as(done),
          Effect.catchTags({
            ...withoutNumber,
            MessageNotFound: () => Effect.fail(NotFound.of("Message not found"))
          })
        ),
      readAllTexts: ({ payload }) =>
        CurrentSession.use(({ accountId }) =>
          conversations.readAllText(accountId, phoneDigits(payload.phone_number))
        ).pipe(Effect.as(done), Effect.catchTags({ ...withoutNumber, ...withoutFriend("Contact not found") }))
    })
  })
)
