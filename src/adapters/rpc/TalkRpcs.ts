import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { SessionEnded } from "../../domain/accounts/Session.ts"
import { PhoneNumber } from "../../domain/shared/PhoneNumber.ts"
import { RateLimitExceeded } from "../../domain/shared/RateLimits.ts"
import { AskedOneself, DisplayName, PersonNotFound } from "../../domain/talk/Friend.ts"
import { AlreadyAsked, FriendNotFound } from "../../domain/talk/Friendship.ts"
import { MediaNotFound, WrongMediaKind } from "../../domain/talk/Media.ts"
import { ClientMessageIdReused, MessageId, MessageNotFound, NotFriends } from "../../domain/talk/Message.ts"
import { Called } from "./Caller.ts"
import { NewMessage, Since, TalkFriend, TalkMessage, TalkNotification } from "./RpcSchemas.ts"

/** The server tells no more: the connection is one too many, the client does not read, or the log can't be read now. */
export class NotificationsEnded extends Schema.TaggedError<NotificationsEnded>()("NotificationsEnded", {
  reason: Schema.Literals(["Replaced", "TooSlow", "Unavailable"])
}) {}

const somebody = { phoneNumber: PhoneNumber }

/** Everybody in one's list, the latest touched first. */
const friends = Schema.Array(TalkFriend)

/** What is asked of people who are there, in the session of the connection. */
const known = [SessionEnded, FriendNotFound] as const

/**
 * What programs in TypeScript do on talk, over one WebSocket at `/rpc`. Whoever opens it shows an access token, of an
 * account with a phone number.
 */
export class TalkRpcs extends RpcGroup.make(
  /** Says first that it is connected, then what was missed since, then what happens. */
  Rpc.make("notifications", {
    payload: { since: Schema.optionalKey(Since) },
    success: TalkNotification,
    error: Schema.Union([SessionEnded, NotificationsEnded]),
    stream: true
  }),
  Rpc.make("listFriends", { success: friends, error: SessionEnded }),
  /** Null where nobody with that number is in the list. */
  Rpc.make("findFriend", { payload: somebody, success: Schema.NullOr(TalkFriend), error: SessionEnded }),
  /** Asks somebody to be friends, or accepts where they have asked before. A number that nobody has is invited by SMS. */
  Rpc.make("requestFriend", {
    payload: { ...somebody, displayName: Schema.optionalKey(DisplayName) },
    success: friends,
    error: Schema.Union([SessionEnded, AskedOneself, AlreadyAsked, PersonNotFound, RateLimitExceeded])
  }),
  Rpc.make("acceptFriend", { payload: somebody, success: friends, error: Schema.Union(known) }),
  /** Takes a request back, declines one, or ends a friendship. */
  Rpc.make("removeFriend", { payload: somebody, success: friends, error: Schema.Union(known) }),
  /** A blank name is none: the number takes its place. */
  Rpc.make("renameFriend", {
    payload: { ...somebody, displayName: DisplayName },
    success: friends,
    error: Schema.Union(known)
  }),
  /** Only friends can write to each other. */
  Rpc.make("sendMessage", {
    payload: NewMessage,
    success: TalkMessage,
    error: Schema.Union([...known, NotFriends, MediaNotFound, WrongMediaKind, ClientMessageIdReused])
  }),
  /** The newest first, at most 255; 100 where `count` does not say. With `before`, only older ones than that. */
  Rpc.make("listMessages", {
    payload: {
      ...somebody,
      count: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThan(0))),
      before: Schema.optionalKey(MessageId)
    },
    success: Schema.Array(TalkMessage),
    error: Schema.Union(known)
  }),
  /** Messages to oneself have been seen. */
  Rpc.make("readMessages", {
    payload: { ids: Schema.Array(MessageId).check(Schema.isMaxLength(255)) },
    error: Schema.Union([SessionEnded, MessageNotFound])
  }),
  /** All texts from somebody have been seen. */
  Rpc.make("readAllTexts", { payload: somebody, error: Schema.Union(known) })
).middleware(Called) {}
