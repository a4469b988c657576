import { Context, type DateTime, type Effect, type Option } from "effect"
import type { AccountId } from "../accounts/Account.ts"
import type { MessageNews } from "../notifications/Notification.ts"
import type { PhoneDigits } from "../shared/PhoneNumber.ts"
import type {
  ClientMessageId,
  Message,
  MessageContent,
  MessageId,
  MessageNotFound,
  MessageText,
  SentMessage
} from "./Message.ts"

export interface NewMessage {
  readonly sender: AccountId
  readonly receiver: AccountId
  readonly content: MessageContent
  readonly clientMessageId: ClientMessageId | null
}

/** A text to whoever has that number. */
export interface NewText {
  readonly sender: AccountId
  readonly phone: PhoneDigits
  readonly text: MessageText
  readonly clientMessageId: ClientMessageId | null
}

export interface SentText extends SentMessage {
  /** What the receiver has been told. */
  readonly news: MessageNews
}

/** What became of the messages of one sender that were not delivered. */
export interface Delivery {
  readonly sender: AccountId
  /** What the sender has been told: nothing where somebody else delivered them meanwhile, or who sent them is gone. */
  readonly news: MessageNews | undefined
  /** Whether nothing of a sender with a higher id is undelivered. */
  readonly isLast: boolean
}

/**
 * Messages between two. Whoever changes any of them has locked the pair (`FriendshipRepository`), since that changes what
 * is kept of the pair, too.
 */
export class MessageRepository extends Context.Service<
  MessageRepository,
  {
    /** What the sender has sent under that name. */
    findByClientId(sender: AccountId, id: ClientMessageId): Effect.Effect<Option.Option<Message>>
    /** One to `receiver`. */
    findReceived(receiver: AccountId, id: MessageId): Effect.Effect<Message, MessageNotFound>
    /**
     * Between two friends: the receiver has one more that is unread, and both sides are touched at `now`. None, and nothing
     * changes, where the sender has sent something under that client id.
     */
    insert(message: NewMessage, now: DateTime.Utc): Effect.Effect<Option.Option<Message>>
    /** Between the two, the newest first: those with an id below `before`, at most `limit`. */
    list(
      one: AccountId,
      other: AccountId,
      limit: number,
      before: MessageId | undefined
    ): Effect.Effect<ReadonlyArray<Message>>
    /**
     * The plain case of sending, at once and in a transaction of its own or as the last thing in one: the pair is locked,
     * the message inserted, and the receiver told of it, whose clients the caller has to tell. None, and nothing changes, where it
     * is not as plain as that: the sender has no number, nobody who has that one is their friend, or they have sent
     * something under that client id.
     */
    sendText(text: NewText, now: DateTime.Utc): Effect.Effect<Option.Option<SentText>>
    /**
     * All that the next sender after `after`, by id, has sent to `receiver` becomes delivered: that, too, locks the pair
     * itself, and tells the sender where it was news, whose clients the caller has to tell. None where nothing is undelivered.
     */
    deliverNext(receiver: AccountId, after: AccountId | 0): Effect.Effect<Option.Option<Delivery>>
    /** One becomes seen, and is unread no longer; false where it was seen before, or there is none. */
    see(receiver: AccountId, sender: AccountId, id: MessageId): Effect.Effect<boolean>
    /** All texts become seen, and are unread no longer; how many were not seen before. */
    seeTexts(receiver: AccountId, sender: AccountId): Effect.Effect<number>
  }
>()("rookery/domain/talk/MessageRepository") {}
