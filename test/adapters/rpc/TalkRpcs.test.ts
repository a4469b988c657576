import { assert, describe } from "@effect/vitest"
import { DateTime, Effect, Fiber, Stream } from "effect"
import { Sessions } from "../../../src/application/accounts/Sessions.ts"
import { mostConnections } from "../../../src/application/notifications/LiveNotifications.ts"
import { isSessionOver } from "../../../src/client.ts"
import { NotificationId } from "../../../src/domain/notifications/Notification.ts"
import { RateLimitExceeded } from "../../../src/domain/shared/RateLimits.ts"
import { AskedOneself, DisplayName } from "../../../src/domain/talk/Friend.ts"
import { AlreadyAsked, FriendNotFound } from "../../../src/domain/talk/Friendship.ts"
import { MediaId, MediaNotFound } from "../../../src/domain/talk/Media.ts"
import {
  ClientMessageId,
  ClientMessageIdReused,
  MessageId,
  MessageNotFound,
  MessageText,
  NotFriends
} from "../../../src/domain/talk/Message.ts"
import { PhoneNumber } from "../../../src/domain/shared/PhoneNumber.ts"
import { someTalker, tell, until } from "../websocket/SocketWorld.ts"
import { callsOf, listening, someCaller, someListener, test } from "./RpcWorld.ts"

const text = (words: string) => ({ _tag: "Text", text: MessageText.make(words) }) as const
const nobody = { phoneNumber: PhoneNumber.make("4999999999") }

/** Two who are friends, by calls alone. */
const friends = Effect.gen(function* () {
  const [ada, ben] = [yield* someListener, yield* someListener]
  yield* ada.calls.requestFriend({ phoneNumber: ben.phoneNumber })
  yield* ben.calls.acceptFriend({ phoneNumber: ada.phoneNumber })
  return [ada, ben] as const
})

describe("calls", () => {
  test(
    "make, name and end friends, and answer with the list as it is then",
    Effect.gen(function* () {
      const [ada, ben] = [yield* someListener, yield* someListener]
      const [ofAda, ofBen] = [{ phoneNumber: ada.phoneNumber }, { phoneNumber: ben.phoneNumber }]
      assert.deepStrictEqual(yield* ada.calls.listFriends(), [])
      const now = yield* DateTime.now
      const friend = { phoneNumber: ben.phoneNumber, displayName: "Ben", lastTouchAt: now, unreadMessages: 0 }
      const plus = PhoneNumber.make(`+${ben.phoneNumber}`)
      const asked = yield* ada.calls.requestFriend({ phoneNumber: plus, displayName: DisplayName.make("Ben") })
      assert.deepStrictEqual(asked, [{ ...friend, status: "requesting" }])
      yield* until("the other is told", () => ben.told.length === 2)
      assert.strictEqual((yield* ben.calls.findFriend(ofAda))?.status, "requested")
      assert.strictEqual((yield* ben.calls.acceptFriend(ofAda))[0]?.status, "accepted")
      assert.deepStrictEqual(yield* ada.calls.findFriend(ofBen), { ...friend, status: "accepted" })
      const renamed = yield* ada.calls.renameFriend({ ...ofBen, displayName: DisplayName.make("") })
      assert.strictEqual(renamed[0]?.displayName, ben.phoneNumber)
      assert.strictEqual((yield* ben.calls.removeFriend(ofAda))[0]?.status, "deleted")
      assert.strictEqual((yield* ada.calls.listFriends())[0]?.status, "blocked")
      assert.isNull(yield* ada.calls.findFriend(nobody))
    })
  )

  test(
    "send, list and read messages, and tell both of what becomes of them",
    Effect.gen(function* () {
      const [ada, ben] = yield* friends
      const message = { phoneNumber: ben.phoneNumber, content: text("Hello\u2028\u{1f426}") }
      const once = { ...message, clientMessageId: ClientMessageId.make("first") }
      const sent = yield* ada.calls.sendMessage(once)
      assert.deepInclude(sent, { sender: ada.phoneNumber, receiver: ben.phoneNumber, content: message.content })
      assert.strictEqual((yield* ada.calls.sendMessage(once)).id, sent.id)
      yield* until("the receiver is told", () => ben.told.at(-1)?._tag === "MessagesUpdated")
      assert.deepInclude(ben.told.at(-1), { sender: ada.phoneNumber })
      const [received] = yield* ben.calls.listMessages({ phoneNumber: ada.phoneNumber })
      assert.deepStrictEqual(received, { ...sent, status: "delivered" })
      assert.strictEqual((yield* ben.calls.findFriend({ phoneNumber: ada.phoneNumber }))?.unreadMessages, 1)
      assert.isUndefined(yield* ben.calls.readMessages({ ids: [sent.id] }))
      const answer = yield* ben.calls.sendMessage({ phoneNumber: ada.phoneNumber, content: text("And hello") })
      yield* ada.calls.readAllTexts({ phoneNumber: ben.phoneNumber })
      const all = yield* ada.calls.listMessages({ phoneNumber: ben.phoneNumber, count: 10 })
      assert.deepStrictEqual(
        all.map(({ id, status }) => [id, status]),
        [
          [answer.id, "seen"],
          [sent.id, "seen"]
        ]
      )
      const older = yield* ada.calls.listMessages({ phoneNumber: ben.phoneNumber, before: answer.id })
      assert.deepStrictEqual(
        older.map(({ id }) => id),
        [sent.id]
      )
    })
  )

  test(
    "fail with the errors of the domain",
    Effect.gen(function* () {
      const [ada, ben] = yield* friends
      const stranger = yield* someTalker
      const [ofBen, ofStranger] = [{ phoneNumber: ben.phoneNumber }, { phoneNumber: stranger.phoneNumber }]
      const asked = yield* Effect.flip(ada.calls.requestFriend(ofBen))
      assert.instanceOf(asked, AlreadyAsked)
      assert.deepInclude(asked, { status: "accepted" })
      assert.instanceOf(yield* Effect.flip(ada.calls.requestFriend({ phoneNumber: ada.phoneNumber })), AskedOneself)
      assert.instanceOf(yield* Effect.flip(ada.calls.acceptFriend(nobody)), FriendNotFound)
      assert.instanceOf(
        yield* Effect.flip(ada.calls.sendMessage({ ...ofStranger, content: text("Hi") })),
        FriendNotFound
      )
      assert.instanceOf(yield* Effect.flip(ada.calls.listMessages(ofStranger)), FriendNotFound)
      yield* ada.calls.requestFriend(ofStranger)
      assert.instanceOf(yield* Effect.flip(ada.calls.sendMessage({ ...ofStranger, content: text("Hi") })), NotFriends)
      const clip = { _tag: "Media", kind: "audio", mediaId: MediaId.make(7), text: null } as const
      assert.instanceOf(yield* Effect.flip(ada.calls.sendMessage({ ...ofBen, content: clip })), MediaNotFound)
      const clientMessageId = ClientMessageId.make("one")
      const sent = yield* ada.calls.sendMessage({ ...ofBen, content: text("One"), clientMessageId })
      const reused = yield* Effect.flip(ada.calls.sendMessage({ ...ofBen, content: text("Two"), clientMessageId }))
      assert.instanceOf(reused, ClientMessageIdReused)
      for (const id of [sent.id, MessageId.make(4711)]) {
        assert.instanceOf(yield* Effect.flip(ada.calls.readMessages({ ids: [id] })), MessageNotFound)
      }
    })
  )

  test(
    "count as requests, of the address that they come from",
    Effect.gen(function* () {
      const { calls } = yield* someCaller
      const answers = yield* Effect.forEach(Array.from({ length: 110 }), () => Effect.exit(calls.listFriends()))
      const refused = answers.filter((answer) => answer._tag === "Failure")
      assert.isAtLeast(refused.length, 10)
      const error = yield* Effect.flip(calls.listFriends())
      assert.instanceOf(error, RateLimitExceeded)
      assert.deepInclude(error, { name: "requests", limit: 100 })
    })
  )
})

describe("notifications", () => {
  test(
    "say first that one is connected, then what was missed, then what happens",
    Effect.gen(function* () {
      const { calls, id, told } = yield* someListener
      const at = yield* DateTime.now
      assert.deepStrictEqual(told, [{ _tag: "Connected", at, newest: 0, resumed: null }])
      yield* tell(id, { _tag: "ContactsUpdated" }, { _tag: "ContactChanged", change: "created", contactId: 1 })
      yield* until("told", () => told.length === 2)
      assert.deepInclude(told[1], { _tag: "ContactsUpdated", id: NotificationId.make(1), at })
      const resumed = yield* listening(calls, 0)
      yield* until("told again", () => resumed.length === 2)
      assert.deepStrictEqual(resumed, [{ _tag: "Connected", at, newest: 2, resumed: true }, ...told.slice(1)])
      const lost = yield* listening(calls, 99)
      assert.deepStrictEqual(lost, [{ _tag: "Connected", at, newest: 2, resumed: false }])
    })
  )

  test(
    "end where a client has too many, the oldest first, and the connection stays",
    Effect.gen(function* () {
      const talker = yield* someTalker
      const ended: Array<unknown> = []
      const [oldest, ...others] = yield* Effect.forEach(Array.from({ length: 5 }), () => callsOf(talker.token))
      assert.isDefined(oldest)
      const fail = (error: unknown) => Effect.sync(() => void ended.push(error))
      yield* oldest.notifications({}).pipe(Stream.runDrain, Effect.catch(fail), Effect.forkScoped)
      yield* Effect.forEach(others, (calls) =>
        Effect.forEach(Array.from({ length: mostConnections / 4 }), () => listening(calls))
      )
      yield* until("the oldest is ended", () => ended.length > 0)
      assert.deepInclude(ended[0], { _tag: "NotificationsEnded", reason: "Replaced" })
      assert.deepStrictEqual(yield* oldest.listFriends(), [])
    })
  )

  test(
    "end with the session, and so does every call",
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { calls, id, session } = yield* someCaller
      const watching = yield* Effect.forkChild(Effect.flip(Stream.runDrain(calls.notifications({}))))
      yield* calls.listFriends()
      yield* sessions.endById(id, session.id)
      const error = yield* Fiber.join(watching)
      assert.deepInclude(error, { _tag: "RpcClientError" })
      assert.isTrue(isSessionOver(error))
      assert.isTrue(isSessionOver(yield* Effect.flip(calls.listFriends())))
      const { told } = yield* someListener
      assert.lengthOf(told, 1)
    })
  )
})
