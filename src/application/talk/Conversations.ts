import { Context, DateTime, Effect, Fiber, FiberSet, Layer, Option } from "effect"
import type { AccountId, AccountNotFound } from "../../domain/accounts/Account.ts"
import { AccountRepository } from "../../domain/accounts/AccountRepository.ts"
import type { PhoneDigits } from "../../domain/shared/PhoneNumber.ts"
import { spanned } from "../../domain/shared/Spanned.ts"
import { Transaction } from "../../domain/shared/Transaction.ts"
import { FriendNotFound, statusOf } from "../../domain/talk/Friendship.ts"
import { FriendshipRepository } from "../../domain/talk/FriendshipRepository.ts"
import { type MediaNotFound, WrongMediaKind } from "../../domain/talk/Media.ts"
import { MediaRepository } from "../../domain/talk/MediaRepository.ts"
import {
  type ClientMessageId,
  ClientMessageIdReused,
  type Message,
  type MessageId,
  type MessageNotFound,
  NotFriends,
  type Sendable,
  type SentMessage
} from "../../domain/talk/Message.ts"
import { type Delivery, MessageRepository, type SentText } from "../../domain/talk/MessageRepository.ts"
import { makeRinging, makeTelling } from "../notifications/Telling.ts"
import { NoPhoneNumber, PhoneHolders } from "./PhoneHolders.ts"

export interface SendRequest {
  readonly phone: PhoneDigits
  readonly content: Sendable
  /** The same again is the same message. */
  readonly clientMessageId?: ClientMessageId | undefined
}

export interface MessagePage {
  /** 1 or more; more than 255 is 255. 100 where nothing is said. */
  readonly count?: number | undefined
  /** Only older ones than this. */
  readonly before?: MessageId | undefined
}

const mostListed = 255
const usuallyListed = 100

/** Messages between friends. Whoever has to see a change is told of it. */
export class Conversations extends Context.Service<
  Conversations,
  {
    /** A clip has to be the sender's own. What is sent again under one client id is not looked at anew. */
    send(
      sender: AccountId,
      request: SendRequest
    ): Effect.Effect<
      SentMessage,
      | AccountNotFound
      | NoPhoneNumber
      | FriendNotFound
      | NotFriends
      | MediaNotFound
      | WrongMediaKind
      | ClientMessageIdReused
    >
    /** The newest first. Also of a friendship that is over, and none with a number that is only invited. */
    list(
      owner: AccountId,
      phone: PhoneDigits,
      page: MessagePage
    ): Effect.Effect<ReadonlyArray<Message>, NoPhoneNumber | FriendNotFound>
    /** Messages to `reader` have been seen, one after the other up to the first that is not there. */
    read(reader: AccountId, ids: ReadonlyArray<MessageId>): Effect.Effect<void, NoPhoneNumber | MessageNotFound>
    /** All texts from that number have been seen. */
    readAllText(reader: AccountId, phone: PhoneDigits): Effect.Effect<void, NoPhoneNumber | FriendNotFound>
    /** A client of theirs knows by now that there are messages: all that there are have been delivered. */
    deliveredTo(receiver: AccountId): Effect.Effect<void>
  }
>()("rookery/application/talk/Conversations") {
  static readonly layer = Layer.effect(
    Conversations,
    Effect.gen(function* () {
      const accounts = yield* AccountRepository
      const friendships = yield* FriendshipRepository
      const messages = yield* MessageRepository
      const media = yield* MediaRepository
      const holders = yield* PhoneHolders
      const { atomic } = yield* Transaction
      const tell = yield* makeTelling
      const ring = yield* makeRinging

      const tellOf = (to: AccountId, other: AccountId) =>
        tell([{ to, notification: { _tag: "MessagesUpdated", with: other } }])

      /** Undefined where nobody has signed up with that number yet. */
      const findFriend = Effect.fnUntraced(function* (owner: AccountId, phone: PhoneDigits) {
        yield* holders.require(owner)
        const friend = yield* friendships.find(owner, phone)
        return Option.isNone(friend) ? yield* new FriendNotFound() : (friend.value.accountId ?? undefined)
      })

      const contentOf = Effect.fnUntraced(function* (sender: AccountId, content: Sendable) {
        if (content._tag === "Text") return content
        const { contentType, kind } = yield* media.keepSent(sender, content.mediaId)
        return kind === content.kind ? { ...content, mediaType: contentType } : yield* new WrongMediaKind({ kind })
      })

      const findSent = Effect.fnUntraced(function* (
        sender: AccountId,
        receiver: AccountId,
        { clientMessageId, content }: SendRequest
      ) {
        if (clientMessageId === undefined) return Option.none()
        const sent = yield* messages.findByClientId(sender, clientMessageId)
        if (Option.isNone(sent) || sent.value.says(receiver, content)) return sent
        return yield* new ClientMessageIdReused({ id: clientMessageId })
      })

      const sendTo = Effect.fnUntraced(function* (sender: AccountId, receiver: AccountId, request: SendRequest) {
        const pair = yield* friendships.lockPair(sender, receiver)
        const sent = yield* findSent(sender, receiver, request)
        if (Option.isSome(sent)) return sent
        if (statusOf(pair) !== "accepted") return yield* new NotFriends()
        const content = yield* contentOf(sender, request.content)
        const { clientMessageId = null } = request
        const message = yield* messages.insert({ sender, receiver, content, clientMessageId }, yield* DateTime.now)
        if (Option.isSome(message)) yield* tellOf(receiver, sender)
        return message
      }, atomic)

      /**
       * Once a statement is under way, nobody can take it back. Who gives up waiting for it does not end what follows it;
       * only the end of the program does, so that it waits for no database that hangs.
       */
      const underWay = yield* FiberSet.make()
      const toItsEnd = <A>(effect: Effect.Effect<A>) => Effect.flatMap(FiberSet.run(underWay, effect), Fiber.join)

      const sendPlainly = Effect.fnUntraced(function* (
        sender: AccountId,
        { clientMessageId, content, phone }: SendRequest
      ) {
        if (content._tag !== "Text") return Option.none<SentText>()
        const text = { sender, phone, text: content.text, clientMessageId: clientMessageId ?? null }
        const sending = messages.sendText(text, yield* DateTime.now)
        return yield* toItsEnd(
          Effect.tap(sending, (sent) => (Option.isSome(sent) ? ring(sent.value.news) : Effect.void))
        )
      })

      const sendCarefully = Effect.fnUntraced(
        function* (sender: AccountId, request: SendRequest) {
          const receiver = yield* findFriend(sender, request.phone)
          if (receiver === undefined) return yield* new NotFriends()
          while (true) {
            const message = yield* sendTo(sender, receiver, request)
            if (Option.isSome(message)) return message.value
            // The same client id came first to another friend, and is found from now on.
          }
        },
        Effect.catchTag("AccountNotFound", () => Effect.fail(new FriendNotFound()))
      )

      /** What is not plain is found out step by step: what is wrong, or that it has been sent before. */
      const send = (sender: AccountId, request: SendRequest) =>
        Effect.gen(function* () {
          const sent = yield* sendPlainly(sender, request)
          if (Option.isSome(sent)) return sent.value
          const message = yield* sendCarefully(sender, request)
          const { phoneNumber } = yield* accounts.findById(sender)
          return phoneNumber === null ? yield* new NoPhoneNumber() : { message, senderPhone: phoneNumber }
        }).pipe(spanned("Conversations.send"))

      const list = Effect.fn("Conversations.list")(function* (
        owner: AccountId,
        phone: PhoneDigits,
        { before, count = usuallyListed }: MessagePage
      ) {
        const friend = yield* findFriend(owner, phone)
        return friend === undefined ? [] : yield* messages.list(owner, friend, Math.min(count, mostListed), before)
      })

      /** Changes what somebody has received, and tells who sent it where that was news. */
      const change = (receiver: AccountId, sender: AccountId, isNews: Effect.Effect<boolean>) =>
        Effect.gen(function* () {
          yield* friendships.lockPair(receiver, sender)
          if (yield* isNews) yield* tellOf(sender, receiver)
        }).pipe(
          atomic,
          // The conversation went with whom of the two is gone.
          Effect.catchTag("AccountNotFound", () => Effect.void)
        )

      const read = Effect.fn("Conversations.read")(function* (reader: AccountId, ids: ReadonlyArray<MessageId>) {
        yield* holders.require(reader)
        for (const id of ids) {
          const { sender, status } = yield* messages.findReceived(reader, id)
          if (status !== "seen") yield* change(reader, sender, messages.see(reader, sender, id))
        }
      })

      const isSome = (count: number) => count > 0

      const readAllText = Effect.fn("Conversations.readAllText")(function* (reader: AccountId, phone: PhoneDigits) {
        const sender = yield* findFriend(reader, phone)
        if (sender === undefined) return
        yield* change(reader, sender, Effect.map(messages.seeTexts(reader, sender), isSome))
      })

      const deliverNext = (receiver: AccountId, after: AccountId | 0) =>
        toItsEnd(
          Effect.tap(messages.deliverNext(receiver, after), (delivery) =>
            Option.isSome(delivery) && delivery.value.news !== undefined ? ring(delivery.value.news) : Effect.void
          )
        )

      // One sender at a time: nobody has to wait for what is between others.
      const deliveredTo = (receiver: AccountId) =>
        Effect.gen(function* () {
          let last: AccountId | 0 = 0
          while (true) {
            const delivery: Option.Option<Delivery> = yield* deliverNext(receiver, last)
            if (Option.isNone(delivery) || delivery.value.isLast) return
            last = delivery.value.sender
          }
        }).pipe(spanned("Conversations.deliveredTo"))

      return Conversations.of({ send, list, read, readAllText, deliveredTo })
    })
  )
}
