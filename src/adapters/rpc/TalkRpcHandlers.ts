import { Effect, Option } from "effect"
import { Profile } from "../../application/accounts/Profile.ts"
import { LiveNotifications } from "../../application/notifications/LiveNotifications.ts"
import { Conversations } from "../../application/talk/Conversations.ts"
import { Friends } from "../../application/talk/Friends.ts"
import { NoPhoneNumber } from "../../application/talk/PhoneHolders.ts"
import { type AccountId, AccountNotFound } from "../../domain/accounts/Account.ts"
import { SessionEnded } from "../../domain/accounts/Session.ts"
import { type PhoneDigits, phoneDigits } from "../../domain/shared/PhoneNumber.ts"
import type { Friend } from "../../domain/talk/Friend.ts"
import type { Message } from "../../domain/talk/Message.ts"
import { Caller } from "./Caller.ts"
import { listen } from "./RpcListener.ts"
import type { TalkFriend, TalkMessage } from "./RpcSchemas.ts"
import { TalkRpcs } from "./TalkRpcs.ts"

const friendToWire = ({ displayName, lastTouchAt, phoneNumber, status, unreadMessages }: Friend): TalkFriend => ({
  phoneNumber,
  displayName,
  status,
  lastTouchAt,
  unreadMessages
})

/** A message of the account and one other, as both are called by their numbers. */
const toWire =
  (account: AccountId, own: PhoneDigits, other: PhoneDigits) =>
  ({ content, createdAt, id, sender, status }: Message): TalkMessage => {
    const isOwn = sender === account
    return { id, sender: isOwn ? own : other, receiver: isOwn ? other : own, content, status, createdAt }
  }

/** Nobody gives a number away but with the account, and its sessions end then. */
const gone = Effect.flatMap(Caller, ({ session }) => Effect.fail(new SessionEnded({ id: session.id })))

/** Does something in the name of whoever opened the connection. */
const acting = <A, E, R>(act: (account: AccountId) => Effect.Effect<A, E, R>) =>
  Effect.flatMap(Caller, ({ session }) => act(session.accountId)).pipe(
    Effect.catchIf(
      (error) => error instanceof NoPhoneNumber || error instanceof AccountNotFound,
      () => gone
    )
  )

/** Thin: what a call asks for is asked of one use case. */
export const TalkRpcHandlers = TalkRpcs.toLayer(
  Effect.gen(function* () {
    const conversations = yield* Conversations
    const friends = yield* Friends
    const live = yield* LiveNotifications
    const profile = yield* Profile

    const list = (account: AccountId) => Effect.map(friends.list(account), (all) => all.map(friendToWire))

    /** Changes one of the list, and answers with all of it. */
    const changing = <E, R>(change: (account: AccountId) => Effect.Effect<void, E, R>) =>
      acting((account) => Effect.andThen(change(account), list(account)))

    const ownNumber = Effect.fnUntraced(function* (account: AccountId) {
      const { phoneNumber } = yield* profile.get(account)
      return phoneNumber ?? (yield* new NoPhoneNumber())
    })

    return TalkRpcs.of({
      notifications: ({ since }) => Effect.flatMap(Caller, ({ session }) => listen(live, session, since)),
      listFriends: () => acting(list),
      findFriend: ({ phoneNumber }) =>
        acting((account) =>
          Effect.map(friends.find(account, phoneDigits(phoneNumber)), (found) =>
            Option.getOrNull(Option.map(found, friendToWire))
          )
        ),
      requestFriend: ({ displayName, phoneNumber }) =>
        changing((account) => friends.request(account, phoneDigits(phoneNumber), displayName)),
      acceptFriend: ({ phoneNumber }) => changing((account) => friends.accept(account, phoneDigits(phoneNumber))),
      removeFriend: ({ phoneNumber }) => changing((account) => friends.remove(account, phoneDigits(phoneNumber))),
      renameFriend: ({ displayName, phoneNumber }) =>
        changing((account) => friends.rename(account, phoneDigits(phoneNumber), displayName)),
      sendMessage: ({ clientMessageId, content, phoneNumber }) =>
        acting(
          Effect.fnUntraced(function* (account) {
            const phone = phoneDigits(phoneNumber)
            const { message, senderPhone } = yield* conversations.send(account, { phone, content, clientMessageId })
            return toWire(account, senderPhone, phone)(message)
          })
        ),
      listMessages: ({ before, count, phoneNumber }) =>
        acting(
          Effect.fnUntraced(function* (account) {
            const phone = phoneDigits(phoneNumber)
            const own = yield* ownNumber(account)
            return (yield* conversations.list(account, phone, { count, before })).map(toWire(account, own, phone))
          })
        ),
      readMessages: ({ ids }) => acting((account) => conversations.read(account, ids)),
      readAllTexts: ({ phoneNumber }) =>
        acting((account) => conversations.readAllText(account, phoneDigits(phoneNumber)))
    })
  })
)
