import { assert, describe } from "@effect/vitest"
import { Context, Data, DateTime, Deferred, Effect, Fiber, Layer, Stream } from "effect"
import { Conversations } from "../../../src/application/talk/Conversations.ts"
import { Friends } from "../../../src/application/talk/Friends.ts"
import { NoPhoneNumber } from "../../../src/application/talk/PhoneHolders.ts"
import { AccountRepository } from "../../../src/domain/accounts/AccountRepository.ts"
import { Notifier } from "../../../src/domain/notifications/Notifier.ts"
import { Transaction } from "../../../src/domain/shared/Transaction.ts"
import { FriendNotFound } from "../../../src/domain/talk/Friendship.ts"
import { MediaId, MediaNotFound, unsentFor, WrongMediaKind } from "../../../src/domain/talk/Media.ts"
import { MediaRepository } from "../../../src/domain/talk/MediaRepository.ts"
import {
  ClientMessageId,
  ClientMessageIdReused,
  MessageId,
  MessageNotFound,
  MessageText,
  NotFriends
} from "../../../src/domain/talk/Message.ts"
import { MessageRepository } from "../../../src/domain/talk/MessageRepository.ts"
import { MemoryPorts } from "../../../src/RookeryMemory.ts"
import { someAccount, someFriends, someMedia, somePerson, somePhone } from "../../contracts/Fixtures.ts"
import { advance, testOn } from "../RookeryTest.ts"
import { listed, type Person, read, send, talkOn, text, toldOf, unread } from "./TalkWorld.ts"

class Regret extends Data.TaggedError("Regret")<{}> {}

const test = testOn(talkOn(MemoryPorts))

const request = (from: Person, to: { readonly phoneNumber: Person["phoneNumber"] }) =>
  Friends.use((friends) => friends.request(from.id, to.phoneNumber))
const remove = (from: Person, to: Person) => Friends.use((friends) => friends.remove(from.id, to.phoneNumber))
const deliveredTo = ({ id }: Person) => Conversations.use((conversations) => conversations.deliveredTo(id))
const readAll = (reader: Person, { phoneNumber }: { readonly phoneNumber: Person["phoneNumber"] }) =>
  Conversations.use((conversations) => conversations.readAllText(reader.id, phoneNumber))
const statuses = (owner: Person, other: Person) =>
  Effect.map(listed(owner, other), (all) => all.map(({ status }) => status).toReversed())
const refused = <A, E extends Error, R>(effect: Effect.Effect<A, E, R>, error: Error) =>
  Effect.map(Effect.flip(effect), (actual) => assert.deepStrictEqual<Error>(actual, error))

describe("a message", () => {
  test(
    "goes to a friend, who is told of it and woken",
    Effect.gen(function* () {
      const [ada, bob] = yield* someFriends
      const notifier = yield* Notifier
      const woken: Array<number> = []
      yield* Effect.forkChild(
        Stream.runForEach(notifier.wakes, (wake) =>
          Effect.sync(() => wake._tag === "Woken" && void woken.push(wake.accountId))
        )
      )
      yield* advance()
      const message = yield* send(ada, bob)
      assert.deepStrictEqual(
        { ...message },
        {
          id: message.id,
          sender: ada.id,
          receiver: bob.id,
          content: text("hello"),
          status: "created",
          createdAt: yield* DateTime.now
        }
      )
      assert.deepStrictEqual(yield* listed(bob, ada), [message])
      yield* advance()
      assert.deepStrictEqual([yield* toldOf(bob), yield* toldOf(ada), woken], [[ada.id], [], [bob.id]])
      assert.deepStrictEqual([yield* unread(bob, ada), yield* unread(ada, bob)], [1, 0])
    })
  )

  test(
    "goes to nobody who is no friend now",
    Effect.gen(function* () {
      const [ada, bob, cleo, invited] = [
        yield* somePerson,
        yield* somePerson,
        yield* somePerson,
        { phoneNumber: somePhone() }
      ]
      const notFriends = new NotFriends()
      yield* refused(send(ada, bob), new FriendNotFound())
      yield* refused(send(ada, ada), new FriendNotFound())
      yield* request(ada, bob)
      yield* request(cleo, ada)
      yield* request(ada, invited)
      for (const [from, to] of [
        [ada, bob],
        [bob, ada],
        [cleo, ada],
        [ada, cleo],
        [ada, invited]
      ] as const) {
        yield* refused(send(from, to), notFriends)
      }
      yield* request(bob, ada)
      yield* send(ada, bob)
      yield* remove(bob, ada)
      yield* refused(send(ada, bob), notFriends)
      yield* refused(send(bob, ada), notFriends)
      yield* request(bob, ada)
      yield* send(ada, bob)
      assert.lengthOf(yield* listed(ada, bob), 2)
      assert.deepStrictEqual(yield* listed(ada, invited), [])
    })
  )

  test(
    "is sent once under one name of its client",
    Effect.gen(function* () {
      const [ada, bob] = yield* someFriends
      const first = yield* send(ada, bob, text("hello"), "1")
      yield* deliveredTo(bob)
      const again = yield* send(ada, bob, text("hello"), "1")
      assert.deepStrictEqual([again.id, again.status], [first.id, "delivered"])
      const other = yield* send(ada, bob, text("hello"), "2")
      const theirs = yield* send(bob, ada, text("other"), "1")
      assert.strictEqual(new Set([first.id, other.id, theirs.id]).size, 3)
      // Also when the answer was lost and everything has changed since.
      yield* remove(bob, ada)
      assert.strictEqual((yield* send(ada, bob, text("hello"), "1")).id, first.id)
      yield* refused(send(ada, bob, text("hello"), "3"), new NotFriends())
      assert.deepStrictEqual(yield* toldOf(bob), [ada.id, ada.id])
      assert.strictEqual(yield* unread(bob, ada), 2)
    })
  )

  test(
    "is not taken for another one under the same name",
    Effect.gen(function* () {
      const [ada, bob] = yield* someFriends
      const cleo = yield* somePerson
      yield* Effect.andThen(request(ada, cleo), request(cleo, ada))
      const { id: mediaId } = yield* someMedia(ada.id, yield* DateTime.now)
      const clip = { _tag: "Media", kind: "audio", mediaId, text: null } as const
      yield* send(ada, bob, text("hello"), "1")
      yield* send(ada, bob, clip, "2")
      const reused = (id: string) => new ClientMessageIdReused({ id: ClientMessageId.make(id) })
      yield* refused(send(ada, bob, text("Hello"), "1"), reused("1"))
      yield* refused(send(ada, cleo, text("hello"), "1"), reused("1"))
      yield* refused(send(ada, bob, clip, "1"), reused("1"))
      yield* refused(send(ada, bob, { ...clip, kind: "video" }, "2"), reused("2"))
      yield* refused(send(ada, bob, { ...clip, mediaId: MediaId.make(mediaId + 1) }, "2"), reused("2"))
      assert.lengthOf(yield* listed(ada, bob), 2)
      assert.lengthOf(yield* listed(ada, cleo), 0)
    })
  )

  test(
    "is one of twenty that are sent at once under one name",
    Effect.gen(function* () {
      const [ada, bob] = yield* someFriends
      const sends = Array.from({ length: 20 }, () => send(ada, bob, text("once"), "once"))
      const all = yield* Effect.all(sends, { concurrency: "unbounded" })
      assert.strictEqual(new Set(all.map(({ id }) => id)).size, 1)
      assert.deepStrictEqual(yield* listed(bob, ada), all.slice(0, 1))
      assert.deepStrictEqual([yield* toldOf(bob), yield* unread(bob, ada)], [[ada.id], 1])
    })
  )

  test(
    "carries a clip of its sender, which stays from then on",
    Effect.gen(function* () {
      const [ada, bob] = yield* someFriends
      const media = yield* MediaRepository
      const now = yield* DateTime.now
      const [sent, kept, theirs] = [
        yield* someMedia(ada.id, now),
        yield* someMedia(ada.id, now),
        yield* someMedia(bob.id, now)
      ]
      const clip = (mediaId: MediaId, kind: "audio" | "video" = "audio") =>
        ({ _tag: "Media", kind, mediaId, text: null }) as const
      const message = yield* send(ada, bob, clip(sent.id))
      assert.deepStrictEqual(message.content, { ...clip(sent.id), mediaType: sent.contentType })
      yield* refused(send(ada, bob, clip(theirs.id)), new MediaNotFound())
      yield* refused(send(ada, bob, clip(MediaId.make(999))), new MediaNotFound())
      yield* refused(send(ada, bob, clip(kept.id, "video")), new WrongMediaKind({ kind: "audio" }))
      const later = DateTime.addDuration(now, unsentFor)
      assert.sameDeepMembers([...(yield* media.deleteUnsent(DateTime.add(later, { seconds: 1 }), 10))], [kept, theirs])
      assert.lengthOf(yield* listed(ada, bob), 1)
    })
  )

  test(
    "is told of only where it is there",
    Effect.gen(function* () {
      const [ada, bob] = yield* someFriends
      const { atomic } = yield* Transaction
      yield* Effect.flip(atomic(Effect.andThen(send(ada, bob), Effect.fail(new Regret()))))
      assert.deepStrictEqual([yield* toldOf(bob), yield* listed(ada, bob)], [[], []])
    })
  )

  test(
    "wakes who receives it also where its sender does not wait for the answer",
    Effect.gen(function* () {
      const [ada, bob] = yield* someFriends
      const [messages, notifier] = [yield* MessageRepository, yield* Notifier]
      const [asked, open] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
      const slow = MessageRepository.of({
        ...messages,
        sendText: (text, now) =>
          Effect.andThen(messages.sendText(text, now), (sent) =>
            Effect.andThen(Deferred.succeed(asked, undefined), Effect.as(Deferred.await(open), sent))
          )
      })
      const layer = Layer.provide(Layer.fresh(Conversations.layer), Layer.succeed(MessageRepository, slow))
      const conversations = Context.get(yield* Layer.build(layer), Conversations)
      const woken: Array<number> = []
      yield* Effect.forkChild(
        Stream.runForEach(notifier.wakes, (wake) =>
          Effect.sync(() => wake._tag === "Woken" && void woken.push(wake.accountId))
        )
      )
      const content = { _tag: "Text", text: MessageText.make("hello") } as const
      const sending = yield* Effect.forkChild(conversations.send(ada.id, { phone: bob.phoneNumber, content }))
      yield* Deferred.await(asked)
      // Without waiting for what may never come.
      yield* Fiber.interrupt(sending)
      assert.deepStrictEqual(woken, [])
      yield* Deferred.succeed(open, undefined)
      yield* advance()
      assert.deepStrictEqual([woken, yield* toldOf(bob)], [[bob.id], [ada.id]])
    })
  )

  test(
    "goes to nobody who has left",
    Effect.gen(function* () {
      const [ada, bob] = yield* someFriends
      yield* AccountRepository.use((accounts) => accounts.delete(bob.id))
      yield* refused(send(ada, bob), new FriendNotFound())
      yield* refused(listed(ada, bob), new FriendNotFound())
    })
  )
})

describe("a conversation", () => {
  test(
    "shows its newest hundred messages, or as many as are asked for, but not more than 255",
    Effect.gen(function* () {
      const [ada, bob] = yield* someFriends
      const conversations = yield* Conversations
      const sent = yield* Effect.forEach(
        Array.from({ length: 260 }, (_, n) => `${n}`),
        (words) => send(ada, bob, text(words))
      )
      const newest = sent.toReversed()
      assert.deepStrictEqual(yield* listed(bob, ada), newest.slice(0, 100))
      for (const [asked, given] of [
        [1, 1],
        [255, 255],
        [256, 255],
        [100_000, 255]
      ] as const) {
        assert.deepStrictEqual(yield* listed(ada, bob, asked), newest.slice(0, given))
      }
      const before = newest[254]?.id
      assert.deepStrictEqual(yield* conversations.list(ada.id, bob.phoneNumber, { before }), newest.slice(255))
    })
  )

  test(
    "stays readable to both when they are friends no more",
    Effect.gen(function* () {
      const [ada, bob] = yield* someFriends
      const message = yield* send(ada, bob)
      yield* remove(bob, ada)
      for (const [one, other] of [
        [ada, bob],
        [bob, ada]
      ] as const) {
        assert.deepStrictEqual(yield* listed(one, other), [message])
      }
      yield* readAll(bob, ada)
      assert.strictEqual(yield* unread(bob, ada), 0)
      yield* refused(listed(yield* somePerson, ada), new FriendNotFound())
    })
  )

  test(
    "is nothing for accounts without a phone number",
    Effect.gen(function* () {
      const [ada] = yield* someFriends
      const conversations = yield* Conversations
      const { id } = yield* someAccount
      const none = new NoPhoneNumber()
      yield* refused(send({ id }, ada), none)
      yield* refused(conversations.list(id, ada.phoneNumber, {}), none)
      yield* refused(conversations.read(id, [MessageId.make(1)]), none)
      yield* refused(conversations.readAllText(id, ada.phoneNumber), none)
    })
  )
})

describe("what somebody has received", () => {
  test(
    "is delivered when they know of it, which each of its senders is told once",
    Effect.gen(function* () {
      const [ada, bob] = yield* someFriends
      const cleo = yield* somePerson
      yield* Effect.andThen(request(cleo, bob), request(bob, cleo))
      for (const from of [ada, ada, cleo]) yield* send(from, bob)
      yield* send(bob, ada)
      const before = yield* toldOf(cleo)
      yield* deliveredTo(bob)
      yield* deliveredTo(bob)
      assert.deepStrictEqual(yield* statuses(bob, ada), ["delivered", "delivered", "created"])
      assert.deepStrictEqual(yield* statuses(bob, cleo), ["delivered"])
      assert.deepStrictEqual(yield* toldOf(ada), [bob.id, bob.id])
      assert.deepStrictEqual(yield* toldOf(cleo), [...before, bob.id])
      assert.strictEqual(yield* unread(bob, ada), 2)
    })
  )

  test(
    "is seen when they say so, which its sender is told once",
    Effect.gen(function* () {
      const [ada, bob] = yield* someFriends
      const [first, second] = [yield* send(ada, bob), yield* send(ada, bob)]
      yield* read(bob, second)
      yield* read(bob, second)
      assert.deepStrictEqual(yield* statuses(ada, bob), ["created", "seen"])
      assert.deepStrictEqual([yield* unread(bob, ada), yield* toldOf(ada)], [1, [bob.id]])
      yield* deliveredTo(bob)
      assert.deepStrictEqual(yield* statuses(ada, bob), ["delivered", "seen"])
      yield* read(bob, first, second, first)
      assert.deepStrictEqual(yield* statuses(ada, bob), ["seen", "seen"])
      assert.deepStrictEqual([yield* unread(bob, ada), yield* toldOf(ada)], [0, [bob.id, bob.id, bob.id]])
    })
  )

  test(
    "is nobody else's to see",
    Effect.gen(function* () {
      const [ada, bob] = yield* someFriends
      const [, stranger] = yield* someFriends
      const [one, other] = [yield* send(ada, bob), yield* send(ada, bob)]
      const missing = new MessageNotFound()
      yield* refused(read(ada, one), missing)
      yield* refused(read(stranger, one), missing)
      yield* refused(read(bob, one, { id: MessageId.make(2 ** 40) }, other), missing)
      assert.deepStrictEqual(yield* statuses(ada, bob), ["seen", "created"])
    })
  )

  test(
    "is seen as a whole where it is text",
    Effect.gen(function* () {
      const [ada, bob] = yield* someFriends
      const { id: mediaId } = yield* someMedia(ada.id, yield* DateTime.now)
      yield* send(ada, bob, text("1"))
      yield* send(ada, bob, { _tag: "Media", kind: "audio", mediaId, text: null })
      yield* send(ada, bob, text("2"))
      yield* readAll(bob, ada)
      yield* readAll(bob, ada)
      assert.deepStrictEqual(yield* statuses(ada, bob), ["seen", "created", "seen"])
      assert.deepStrictEqual([yield* unread(bob, ada), yield* toldOf(ada)], [1, [bob.id]])
      yield* refused(readAll(bob, yield* somePerson), new FriendNotFound())
      const invited = { phoneNumber: somePhone() }
      yield* request(bob, invited)
      yield* readAll(bob, invited)
    })
  )
})
