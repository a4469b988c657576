import { DateTime, Effect, HashMap, Layer, Option, Order, Result } from "effect"
import type { AccountId } from "../../domain/accounts/Account.ts"
import type { MessageNews } from "../../domain/notifications/Notification.ts"
import type { PhoneDigits } from "../../domain/shared/PhoneNumber.ts"
import { statusOf } from "../../domain/talk/Friendship.ts"
import {
  type ClientMessageId,
  type DeliveryStatus,
  Message,
  MessageId,
  MessageNotFound
} from "../../domain/talk/Message.ts"
import { MessageRepository } from "../../domain/talk/MessageRepository.ts"
import { KeyViolation, MemoryWorld } from "./MemoryWorld.ts"
import { withNotification } from "./NotificationLogMemory.ts"
import { type FriendshipRow, type MessageRow, sideKey, type World } from "./World.ts"

const received = (world: World, receiver: AccountId): ReadonlyArray<Message> =>
  HashMap.toValues(world.messages).flatMap(({ message }) => (message.receiver === receiver ? [message] : []))

const isTaken = (world: World, sender: AccountId, id: ClientMessageId | null): boolean =>
  id !== null &&
  HashMap.some(world.messages, ({ clientMessageId, message }) => clientMessageId === id && message.sender === sender)

const numberOf = (world: World, id: AccountId): PhoneDigits | null =>
  Option.getOrUndefined(HashMap.get(world.accounts, id))?.account.phoneNumber ?? null

/** Undefined where nobody with that number is a friend. */
const friendWith = (world: World, owner: AccountId, phone: PhoneDigits): AccountId | undefined =>
  HashMap.toValues(world.friendships).find(({ peer, ...side }) => {
    const theirs = Option.getOrUndefined(HashMap.get(world.friendships, sideKey(peer, owner)))
    if (side.owner !== owner || numberOf(world, peer) !== phone) return false
    return statusOf({ mine: side.stance, theirs: theirs?.stance ?? "none" }) === "accepted"
  })?.peer

const withSide = (
  world: World,
  owner: AccountId,
  peer: AccountId,
  change: (row: FriendshipRow) => FriendshipRow
): World => ({ ...world, friendships: HashMap.modify(world.friendships, sideKey(owner, peer), change) })

const withMessage = (world: World, row: MessageRow): World => {
  const { createdAt, receiver, sender } = row.message
  const touched = (side: FriendshipRow, unread: number) => ({
    ...side,
    lastTouchAt: DateTime.max(side.lastTouchAt, createdAt),
    unreadMessages: side.unreadMessages + unread
  })
  const after = { ...world, messages: HashMap.set(world.messages, row.message.id, row) }
  return withSide(
    withSide(after, sender, receiver, (side) => touched(side, 0)),
    receiver,
    sender,
    (side) => touched(side, 1)
  )
}

const withStatus = (world: World, changed: ReadonlyArray<Message>, status: DeliveryStatus): World => ({
  ...world,
  messages: changed.reduce(
    (messages, { id }) =>
      HashMap.modify(messages, id, (row) => ({ ...row, message: new Message({ ...row.message, status }) })),
    world.messages
  )
})

/** What somebody is told of messages with another, and the world after it. */
const told = (world: World, to: AccountId, other: AccountId, now: DateTime.Utc) => {
  const after = withNotification(world, to, { _tag: "MessagesUpdated", with: other }, now)
  const kept = Option.getOrUndefined(HashMap.get(after.notifications, to))?.kept.at(-1)
  const phone = numberOf(world, other)
  const news: MessageNews | undefined =
    kept === undefined || phone === null ? undefined : { to, id: kept.id, at: kept.createdAt, phone }
  return [Option.fromNullishOr(news), after] as const
}

/** How many became seen, and the world after it. */
const seen = (world: World, receiver: AccountId, sender: AccountId, which: (message: Message) => boolean) => {
  const changed = received(world, receiver)
    .filter((message) => message.sender === sender && message.status !== "seen")
    .filter(which)
  const after = withSide(withStatus(world, changed, "seen"), receiver, sender, (side) => ({
    ...side,
    unreadMessages: side.unreadMessages - changed.length
  }))
  return [changed.length, after] as const
}

export const MessageRepositoryMemory = Layer.effect(
  MessageRepository,
  Effect.gen(function* () {
    const world = yield* MemoryWorld

    return MessageRepository.of({
      findByClientId: (sender, id) =>
        world.read(({ messages }) =>
          Option.map(
            Option.fromNullishOr(
              HashMap.toValues(messages).find(
                ({ clientMessageId, message }) => message.sender === sender && clientMessageId === id
              )
            ),
            ({ message }) => message
          )
        ),

      findReceived: (receiver, id) =>
        Effect.flatMap(
          world.read(({ messages }) =>
            HashMap.get(messages, id).pipe(
              Option.map(({ message }) => message),
              Option.filter((message) => message.receiver === receiver),
              Result.fromOption(() => new MessageNotFound())
            )
          ),
          Effect.fromResult
        ),

      insert: ({ clientMessageId, ...fields }, createdAt) =>
        Effect.orDie(
          world.change((before) => {
            const { receiver, sender } = fields
            if (sender === receiver || ![sender, receiver].every((id) => HashMap.has(before.accounts, id))) {
              return Result.fail(new KeyViolation({ key: "messages.sender_id" }))
            }
            if (isTaken(before, sender, clientMessageId)) return Result.succeed([Option.none(), before])
            const id = MessageId.make(world.nextId("messages"))
            const message = new Message({ ...fields, id, status: "created", createdAt })
            return Result.succeed([Option.some(message), withMessage(before, { message, clientMessageId })])
          })
        ),

      list: (one, other, limit, before) =>
        world.read(({ messages }) =>
          HashMap.toValues(messages)
            .flatMap(({ message }) => ([one, other].includes(message.sender) ? [message] : []))
            .filter(({ receiver, sender }) => [one, other].includes(receiver) && sender !== receiver)
            .filter(({ id }) => before === undefined || id < before)
            .toSorted((first, second) => second.id - first.id)
            .slice(0, limit)
        ),

      sendText: ({ clientMessageId, phone, sender, text }, createdAt) =>
        world.change((before, now) => {
          const senderPhone = numberOf(before, sender)
          const receiver = friendWith(before, sender, phone)
          if (senderPhone === null || receiver === undefined || isTaken(before, sender, clientMessageId)) {
            return Result.succeed([Option.none(), before])
          }
          const content = { _tag: "Text", text } as const
          const id = MessageId.make(world.nextId("messages"))
          const message = new Message({ id, sender, receiver, content, status: "created", createdAt })
          const [news, after] = told(withMessage(before, { message, clientMessageId }), receiver, sender, now)
          return Result.succeed([Option.map(news, (news) => ({ message, senderPhone, news })), after])
        }),

      deliverNext: (receiver, after) =>
        world.change((before, now) => {
          const undelivered = received(before, receiver).filter(
            (message) => message.sender > after && message.status === "created"
          )
          const [sender, next] = [...new Set(undelivered.map((message) => message.sender))].toSorted(Order.Number)
          if (sender === undefined) return Result.succeed([Option.none(), before])
          const delivered = undelivered.filter((message) => message.sender === sender)
          const [news, world] = told(withStatus(before, delivered, "delivered"), sender, receiver, now)
          const isLast = next === undefined
          return Result.succeed([Option.some({ sender, isLast, news: Option.getOrUndefined(news) }), world])
        }),

      see: (receiver, sender, id) =>
        world.change((before) => {
          const [count, after] = seen(before, receiver, sender, (message) => message.id === id)
          return Result.succeed([count > 0, after])
        }),

      seeTexts: (receiver, sender) =>
        world.change((before) =>
          Result.succeed(seen(before, receiver, sender, ({ content }) => content._tag === "Text"))
        )
    })
  })
)
