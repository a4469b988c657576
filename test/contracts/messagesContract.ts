import { assert, layer } from "@effect/vitest"
import { Data, DateTime, Effect, type Layer, Option } from "effect"
import type { AccountId } from "../../src/domain/accounts/Account.ts"
import type { AccountRepository } from "../../src/domain/accounts/AccountRepository.ts"
import { NotificationId } from "../../src/domain/notifications/Notification.ts"
import { LogTooOld, mostKept, NotificationLog } from "../../src/domain/notifications/NotificationLog.ts"
import type { PhoneDigits } from "../../src/domain/shared/PhoneNumber.ts"
import { Transaction } from "../../src/domain/shared/Transaction.ts"
import type { Stance } from "../../src/domain/talk/Friendship.ts"
import { FriendshipRepository } from "../../src/domain/talk/FriendshipRepository.ts"
import { MediaRepository } from "../../src/domain/talk/MediaRepository.ts"
import {
  Caption,
  ClientMessageId,
  type Message,
  type MessageContent,
  MessageId,
  MessageNotFound,
  MessageText
} from "../../src/domain/talk/Message.ts"
import { MessageRepository } from "../../src/domain/talk/MessageRepository.ts"
import { together } from "./AtOnce.ts"
import { someAccount, someFriends, someMedia, somePerson, somePhone, unknownAccount } from "./Fixtures.ts"
import { textsOf } from "./Texts.ts"

type Ports =
  | AccountRepository
  | FriendshipRepository
  | MessageRepository
  | MediaRepository
  | NotificationLog
  | Transaction

type Person = Effect.Success<typeof somePerson>

class Regret extends Data.TaggedError("Regret")<{}> {}

const at = (minutes: number) => DateTime.makeUnsafe(Date.UTC(2026, 2, 1, 13, minutes, 0, 123))
const text = (words: string): MessageContent => ({ _tag: "Text", text: MessageText.make(words) })

/** Every MessageRepository must pass this together with the friendships of its store, whatever that is. */
export const messagesContract = <E>(name: string, adapter: Layer.Layer<Ports, E>) =>
  layer(adapter, { excludeTestServices: true })(`MessageRepository: ${name}`, (it) => {
    const insert = (
      sender: AccountId,
      receiver: AccountId,
      content: MessageContent = text("hello"),
      clientMessageId: ClientMessageId | null = null,
      now = at(0)
    ) => MessageRepository.use((messages) => messages.insert({ sender, receiver, content, clientMessageId }, now))
    const sent = (...message: Parameters<typeof insert>) => Effect.map(insert(...message), Option.getOrThrow)
    const listed = (one: AccountId, other: AccountId, limit = 100, before?: MessageId) =>
      MessageRepository.use((messages) => messages.list(one, other, limit, before))
    const statuses = (one: AccountId, other: AccountId) =>
      Effect.map(listed(one, other, 1000), (all) => all.map(({ status }) => status).toReversed())
    const sendText = (
      sender: AccountId,
      phone: PhoneDigits,
      words = "hello",
      clientMessageId: ClientMessageId | null = null,
      now = at(0)
    ) =>
      MessageRepository.use((messages) =>
        messages.sendText({ sender, phone, text: MessageText.make(words), clientMessageId }, now)
      )
    /** Whose messages somebody has been told of. */
    const toldOf = Effect.fnUntraced(function* ({ id }: { readonly id: AccountId }, after: NotificationId | 0 = 0) {
      const entries = yield* NotificationLog.use((log) => Effect.orDie(log.listAfter(id, after, 10_000)))
      return entries.flatMap(({ notification }) => (notification._tag === "MessagesUpdated" ? [notification.with] : []))
    })
    /** What somebody has been told last, of messages with the other. */
    const latestNews = Effect.fnUntraced(function* ({ id: to }: Person, { phoneNumber: phone }: Person) {
      const kept = (yield* NotificationLog.use((log) => Effect.orDie(log.listAfter(to, 0, 10_000)))).at(-1)
      return kept === undefined ? assert.fail("nothing was told") : { to, id: kept.id, at: kept.createdAt, phone }
    })
    const toldOfEach = (...people: ReadonlyArray<{ readonly id: AccountId }>) =>
      Effect.forEach(people, (person) => toldOf(person))
    /** As the owner sees the other. */
    const side = Effect.fnUntraced(function* (owner: AccountId, other: AccountId) {
      const friends = yield* FriendshipRepository.use((friendships) => friendships.list(owner))
      const friend = friends.find(({ accountId }) => accountId === other)
      return { unread: friend?.unreadMessages, touched: friend?.lastTouchAt }
    })
    const clip = Effect.fnUntraced(function* (uploader: AccountId) {
      const { contentType: mediaType, id: mediaId, kind } = yield* someMedia(uploader, at(0))
      yield* MediaRepository.use((media) => media.keepSent(uploader, mediaId))
      return { _tag: "Media", kind, mediaId, mediaType, text: null } as const
    })
    /** What the first makes of the second, and the other way round. */
    const save = Effect.fnUntraced(function* (one: AccountId, other: AccountId, mine: Stance, theirs: Stance) {
      const friendships = yield* FriendshipRepository
      const pair = { mine: { stance: mine, touched: false }, theirs: { stance: theirs, touched: false } }
      yield* locked(one, other, friendships.savePair(one, other, pair, at(0)))
    })
    const befriend = (one: AccountId, other: AccountId) => save(one, other, "asked", "asked")
    /** As whoever changes a conversation does it. */
    const locked = Effect.fnUntraced(function* <A, E, R>(
      one: AccountId,
      other: AccountId,
      work: Effect.Effect<A, E, R>
    ) {
      const { atomic } = yield* Transaction
      const friendships = yield* FriendshipRepository
      return yield* atomic(Effect.andThen(Effect.orDie(friendships.lockPair(one, other)), work))
    })

    it.effect.prop(
      "keeps what was written to the letter",
      { words: textsOf(MessageText) },
      ({ words }) =>
        Effect.gen(function* () {
          const [ada, bob] = yield* someFriends
          const message = yield* sent(ada.id, bob.id, { _tag: "Text", text: words })
          assert.strictEqual(message.content.text, words)
          assert.deepStrictEqual(yield* listed(ada.id, bob.id), [message])
        }),
      { arbitrary: { runs: 40 } }
    )

    it.effect("takes a text of the greatest length", () =>
      Effect.gen(function* () {
        const [ada, bob] = yield* someFriends
        const message = yield* sent(bob.id, ada.id, text("\u{1F3F4}".repeat(5000)))
        assert.deepStrictEqual(yield* listed(ada.id, bob.id), [message])
      })
    )

    it.effect("keeps clips, with or without words beside them", () =>
      Effect.gen(function* () {
        const [ada, bob] = yield* someFriends
        const content = yield* clip(ada.id)
        const named = { ...content, text: Caption.make(" look! ") }
        const messages = [yield* sent(ada.id, bob.id, content), yield* sent(ada.id, bob.id, named)]
        assert.deepStrictEqual(
          messages.map((message) => message.content),
          [content, named]
        )
        assert.deepStrictEqual(yield* listed(bob.id, ada.id), messages.toReversed())
      })
    )

    it.effect("counts a message as unread with its receiver, and touches both", () =>
      Effect.gen(function* () {
        const [ada, bob] = yield* someFriends
        const message = yield* sent(ada.id, bob.id, text("hello"), null, at(1))
        assert.deepStrictEqual(
          { ...message },
          {
            id: message.id,
            sender: ada.id,
            receiver: bob.id,
            content: text("hello"),
            status: "created",
            createdAt: at(1)
          }
        )
        yield* sent(ada.id, bob.id, text("again"), null, at(3))
        yield* sent(bob.id, ada.id, text("yes"), null, at(2))
        assert.deepStrictEqual(yield* side(ada.id, bob.id), { unread: 1, touched: at(3) })
        assert.deepStrictEqual(yield* side(bob.id, ada.id), { unread: 2, touched: at(3) })
      })
    )

    it.effect("lists what is between two, the newest first, in parts", () =>
      Effect.gen(function* () {
        const [ada, bob] = yield* someFriends
        const [cleo, dora] = yield* someFriends
        const all: Array<Message> = []
        for (let number = 0; number < 7; number++) {
          const [from, to] = number % 3 === 0 ? [bob, ada] : [ada, bob]
          all.unshift(yield* sent(from.id, to.id, text(`${number}`)))
          yield* sent(cleo.id, dora.id)
        }
        for (const [one, other] of [
          [ada.id, bob.id],
          [bob.id, ada.id]
        ] as const) {
          assert.deepStrictEqual(yield* listed(one, other), all)
          assert.deepStrictEqual(yield* listed(one, other, 3), all.slice(0, 3))
          assert.deepStrictEqual(yield* listed(one, other, 3, all[2]?.id), all.slice(3, 6))
          assert.deepStrictEqual(yield* listed(one, other, 3, all[5]?.id), all.slice(6))
          assert.deepStrictEqual(yield* listed(one, other, 3, all[6]?.id), [])
        }
        assert.deepStrictEqual(yield* listed(ada.id, cleo.id), [])
        assert.deepStrictEqual(yield* listed(ada.id, ada.id), [])
      })
    )

    it.effect("keeps one message under one name of a client", () =>
      Effect.gen(function* () {
        const messages = yield* MessageRepository
        const [ada, bob] = yield* someFriends
        const id = ClientMessageId.make("a'1")
        const message = yield* sent(ada.id, bob.id, text("hello"), id)
        assert.isTrue(Option.isNone(yield* insert(ada.id, bob.id, text("other"), id, at(5))))
        assert.deepStrictEqual(yield* messages.findByClientId(ada.id, id), Option.some(message))
        assert.deepStrictEqual(yield* side(bob.id, ada.id), { unread: 1, touched: at(0) })
        assert.isTrue(Option.isNone(yield* messages.findByClientId(bob.id, id)))
        assert.isTrue(Option.isNone(yield* messages.findByClientId(ada.id, ClientMessageId.make("A'1"))))
        const theirs = yield* sent(bob.id, ada.id, text("mine"), id)
        assert.deepStrictEqual(yield* listed(ada.id, bob.id), [theirs, message])
      })
    )

    it.effect("keeps one of many at once under one name of a client", () =>
      Effect.gen(function* () {
        const [ada, bob] = yield* someFriends
        const id = ClientMessageId.make("once")
        const attempts = Array.from({ length: 20 }, (_, n) =>
          locked(ada.id, bob.id, insert(ada.id, bob.id, text(`${n}`), id))
        )
        const kept = (yield* Effect.all(attempts, together)).filter(Option.isSome)
        assert.lengthOf(kept, 1)
        assert.deepStrictEqual(yield* listed(ada.id, bob.id), [Option.getOrThrow(kept[0] ?? Option.none())])
        assert.strictEqual((yield* side(bob.id, ada.id)).unread, 1)
      })
    )

    it.effect("sends a text to a friend by their number, who is told of it", () =>
      Effect.gen(function* () {
        const messages = yield* MessageRepository
        const [ada, bob] = yield* someFriends
        yield* insert(bob.id, ada.id, text("early"), null, at(3))
        const id = ClientMessageId.make("a'1")
        const { message, news, senderPhone } = Option.getOrThrow(
          yield* sendText(ada.id, bob.phoneNumber, " What's up? ", id, at(2))
        )
        assert.strictEqual(senderPhone, ada.phoneNumber)
        assert.deepStrictEqual(news, yield* latestNews(bob, ada))
        assert.deepStrictEqual(
          { ...message },
          {
            id: message.id,
            sender: ada.id,
            receiver: bob.id,
            content: text(" What's up? "),
            status: "created",
            createdAt: at(2)
          }
        )
        assert.deepStrictEqual((yield* listed(bob.id, ada.id))[0], message)
        assert.deepStrictEqual(yield* messages.findByClientId(ada.id, id), Option.some(message))
        assert.deepStrictEqual(yield* side(bob.id, ada.id), { unread: 1, touched: at(3) })
        yield* sendText(ada.id, bob.phoneNumber, "again", null, at(4))
        assert.deepStrictEqual(yield* side(bob.id, ada.id), { unread: 2, touched: at(4) })
        assert.deepStrictEqual(yield* side(ada.id, bob.id), { unread: 1, touched: at(4) })
        assert.deepStrictEqual(yield* toldOfEach(ada, bob), [[], [ada.id, ada.id]])
      })
    )

    it.effect("sends nothing where it is not as plain as that, and changes nothing", () =>
      Effect.gen(function* () {
        const [ada, bob] = yield* someFriends
        const [cleo, dora] = yield* someFriends
        const id = ClientMessageId.make("1")
        yield* sent(ada.id, bob.id, text("first"), id)
        yield* befriend(ada.id, cleo.id)
        const [{ id: unnumbered }, eve] = [yield* someAccount, yield* somePerson]
        yield* befriend(unnumbered, eve.id)
        yield* save(cleo.id, dora.id, "asked", "deleted")
        const before = yield* Effect.all([side(ada.id, bob.id), side(bob.id, ada.id), side(cleo.id, ada.id)])
        const none = [
          sendText(ada.id, bob.phoneNumber, "first", id),
          sendText(ada.id, cleo.phoneNumber, "first", id),
          sendText(ada.id, dora.phoneNumber),
          sendText(ada.id, ada.phoneNumber),
          sendText(ada.id, somePhone()),
          sendText(cleo.id, dora.phoneNumber),
          sendText(dora.id, cleo.phoneNumber),
          sendText(unnumbered, eve.phoneNumber),
          sendText(unknownAccount, bob.phoneNumber)
        ]
        for (const send of none) assert.deepStrictEqual(yield* send, Option.none())
        for (const [mine, theirs] of [
          ["none", "asked"],
          ["asked", "none"],
          ["asked", "declined"],
          ["deleted", "asked"],
          ["deleted", "deleted"]
        ] as const) {
          yield* save(cleo.id, dora.id, mine, theirs)
          assert.deepStrictEqual(yield* sendText(cleo.id, dora.phoneNumber), Option.none())
          assert.deepStrictEqual(yield* sendText(dora.id, cleo.phoneNumber), Option.none())
        }
        assert.deepStrictEqual(
          yield* Effect.all([side(ada.id, bob.id), side(bob.id, ada.id), side(cleo.id, ada.id)]),
          before
        )
        assert.deepStrictEqual(yield* toldOfEach(ada, bob, cleo, dora), [[], [], [], []])
        assert.deepStrictEqual(yield* listed(cleo.id, dora.id), [])
        assert.isTrue(Option.isSome(yield* sendText(bob.id, ada.phoneNumber, "mine", id)))
      })
    )

    it.effect("tells of the latest texts alone", () =>
      Effect.gen(function* () {
        const log = yield* NotificationLog
        const [ada, bob] = yield* someFriends
        yield* log.append(
          Array.from({ length: mostKept - 1 }, () => ({ to: bob.id, notification: { _tag: "ContactsUpdated" } }))
        )
        yield* sendText(ada.id, bob.phoneNumber)
        assert.lengthOf(yield* log.listAfter(bob.id, 0, 10_000), mostKept)
        yield* sendText(ada.id, bob.phoneNumber)
        assert.deepStrictEqual(yield* Effect.flip(log.listAfter(bob.id, 0, 1)), new LogTooOld())
        const kept = yield* log.listAfter(bob.id, NotificationId.make(1), 10_000)
        assert.deepStrictEqual([kept.length, kept.at(-1)?.id], [mostKept, mostKept + 1])
        assert.deepStrictEqual(yield* toldOf(bob, NotificationId.make(1)), [ada.id, ada.id])
      })
    )

    it.effect("keeps one of many texts at once under one name of a client", () =>
      Effect.gen(function* () {
        const [ada, bob] = yield* someFriends
        const id = ClientMessageId.make("once")
        const attempts = Array.from({ length: 20 }, (_, n) => sendText(ada.id, bob.phoneNumber, `${n}`, id))
        const kept = (yield* Effect.all(attempts, together)).flatMap(Option.toArray)
        assert.lengthOf(kept, 1)
        assert.deepStrictEqual(
          yield* listed(ada.id, bob.id),
          kept.map(({ message }) => message)
        )
        assert.deepStrictEqual([(yield* side(bob.id, ada.id)).unread, yield* toldOf(bob)], [1, [ada.id]])
      })
    )

    it.effect("finds what one has received, and nobody else's", () =>
      Effect.gen(function* () {
        const messages = yield* MessageRepository
        const [ada, bob] = yield* someFriends
        const message = yield* sent(ada.id, bob.id)
        assert.deepStrictEqual(yield* messages.findReceived(bob.id, message.id), message)
        for (const other of [ada.id, (yield* somePerson).id]) {
          assert.deepStrictEqual(yield* Effect.flip(messages.findReceived(other, message.id)), new MessageNotFound())
        }
        const missing = messages.findReceived(bob.id, MessageId.make(2 ** 40))
        assert.deepStrictEqual(yield* Effect.flip(missing), new MessageNotFound())
      })
    )

    it.effect("delivers what somebody has sent, once", () =>
      Effect.gen(function* () {
        const messages = yield* MessageRepository
        const [ada, bob] = yield* someFriends
        const dora = yield* somePerson
        for (const from of [dora, ada, ada]) yield* sent(from.id, bob.id)
        yield* sent(bob.id, ada.id)
        const first = Option.getOrThrow(yield* messages.deliverNext(bob.id, 0))
        assert.deepStrictEqual(first, { sender: ada.id, isLast: false, news: yield* latestNews(ada, bob) })
        assert.deepStrictEqual(yield* statuses(ada.id, bob.id), ["delivered", "delivered", "created"])
        assert.deepStrictEqual(yield* statuses(bob.id, dora.id), ["created"])
        assert.deepStrictEqual(yield* messages.deliverNext(bob.id, dora.id), Option.none())
        const second = Option.getOrThrow(yield* messages.deliverNext(bob.id, ada.id))
        assert.deepStrictEqual(second, { sender: dora.id, isLast: true, news: yield* latestNews(dora, bob) })
        assert.deepStrictEqual(yield* statuses(bob.id, dora.id), ["delivered"])
        assert.deepStrictEqual(yield* messages.deliverNext(bob.id, 0), Option.none())
        assert.strictEqual((yield* side(bob.id, ada.id)).unread, 2)
        const told = yield* toldOfEach(ada, dora, bob)
        assert.deepStrictEqual(told, [[bob.id], [bob.id], []])
      })
    )

    it.effect("counts down what is seen, and never goes back", () =>
      Effect.gen(function* () {
        const messages = yield* MessageRepository
        const [ada, bob] = yield* someFriends
        const [first, second] = [yield* sent(ada.id, bob.id), yield* sent(ada.id, bob.id)]
        yield* messages.deliverNext(bob.id, 0)
        const third = yield* sent(ada.id, bob.id)
        assert.isFalse(yield* messages.see(ada.id, bob.id, first.id))
        assert.isFalse(yield* messages.see(bob.id, (yield* somePerson).id, first.id))
        assert.isTrue(yield* messages.see(bob.id, ada.id, first.id))
        assert.isTrue(yield* messages.see(bob.id, ada.id, third.id))
        assert.isFalse(yield* messages.see(bob.id, ada.id, first.id))
        assert.strictEqual((yield* side(bob.id, ada.id)).unread, 1)
        assert.strictEqual((yield* side(ada.id, bob.id)).unread, 0)
        assert.deepStrictEqual(yield* messages.deliverNext(bob.id, 0), Option.none())
        assert.deepStrictEqual(yield* statuses(ada.id, bob.id), ["seen", "delivered", "seen"])
        assert.isTrue(yield* messages.see(bob.id, ada.id, second.id))
        assert.strictEqual((yield* side(bob.id, ada.id)).unread, 0)
      })
    )

    it.effect("sees all texts at once, and no clip", () =>
      Effect.gen(function* () {
        const messages = yield* MessageRepository
        const [ada, bob] = yield* someFriends
        const content = yield* clip(ada.id)
        for (const next of [text("1"), content, text("2"), text("3")]) yield* sent(ada.id, bob.id, next)
        yield* sent(bob.id, ada.id)
        yield* messages.deliverNext(bob.id, 0)
        yield* sent(ada.id, bob.id, text("4"))
        assert.strictEqual(yield* messages.seeTexts(bob.id, ada.id), 4)
        assert.strictEqual(yield* messages.seeTexts(bob.id, ada.id), 0)
        assert.deepStrictEqual(yield* statuses(ada.id, bob.id), [
          "seen",
          "delivered",
          "seen",
          "seen",
          "created",
          "seen"
        ])
        assert.strictEqual((yield* side(bob.id, ada.id)).unread, 1)
        assert.strictEqual((yield* side(ada.id, bob.id)).unread, 1)
      })
    )

    it.effect("counts each message once, whoever sends and reads at once", () =>
      Effect.gen(function* () {
        const messages = yield* MessageRepository
        for (let round = 0; round < 5; round++) {
          const [ada, bob] = yield* someFriends
          const early = yield* Effect.replicateEffect(sent(ada.id, bob.id), 6)
          const reads = early.flatMap(({ id }) => [messages.see(bob.id, ada.id, id), messages.see(bob.id, ada.id, id)])
          const work: ReadonlyArray<Effect.Effect<unknown, never, MessageRepository>> = [
            ...Array.from({ length: 6 }, () => insert(ada.id, bob.id)),
            ...Array.from({ length: 3 }, () => insert(bob.id, ada.id)),
            messages.deliverNext(bob.id, 0),
            ...reads,
            messages.seeTexts(bob.id, ada.id),
            messages.deliverNext(bob.id, 0)
          ]
          yield* Effect.all(
            work.map((one, n) =>
              locked(...(n % 2 === 0 ? ([ada.id, bob.id] as const) : ([bob.id, ada.id] as const)), one)
            ),
            together
          )
          const all = yield* listed(ada.id, bob.id)
          assert.lengthOf(all, 15)
          const unseen = all.filter(({ receiver, status }) => receiver === bob.id && status !== "seen")
          assert.strictEqual((yield* side(bob.id, ada.id)).unread, unseen.length)
          assert.strictEqual((yield* side(ada.id, bob.id)).unread, 3)
          for (const { id } of early) assert.strictEqual((yield* messages.findReceived(bob.id, id)).status, "seen")
        }
      })
    )

    it.effect("counts what is seen once, also where nobody has locked the pair", () =>
      Effect.gen(function* () {
        const messages = yield* MessageRepository
        const [ada, bob] = yield* someFriends
        const all = yield* Effect.replicateEffect(sent(ada.id, bob.id), 5)
        const reads = all.flatMap(({ id }) => Array.from({ length: 4 }, () => messages.see(bob.id, ada.id, id)))
        const done = yield* Effect.all(reads, together)
        assert.lengthOf(
          done.filter((isNew) => isNew),
          5
        )
        assert.strictEqual((yield* side(bob.id, ada.id)).unread, 0)
      })
    )

    it.effect("takes everything back with the transaction around it", () =>
      Effect.gen(function* () {
        const [{ atomic }, messages] = [yield* Transaction, yield* MessageRepository]
        const [ada, bob] = yield* someFriends
        const message = yield* sent(ada.id, bob.id)
        const id = ClientMessageId.make("later")
        const work = Effect.all([
          insert(ada.id, bob.id, text("x"), id, at(9)),
          sendText(ada.id, bob.phoneNumber, "y", null, at(9)),
          messages.deliverNext(bob.id, 0),
          messages.see(bob.id, ada.id, message.id)
        ])
        yield* Effect.flip(atomic(Effect.andThen(work, Effect.fail(new Regret()))))
        assert.deepStrictEqual(yield* listed(ada.id, bob.id), [message])
        assert.deepStrictEqual(yield* side(bob.id, ada.id), { unread: 1, touched: at(0) })
        assert.deepStrictEqual(yield* toldOfEach(ada, bob), [[], []])
        assert.isTrue(Option.isSome(yield* insert(ada.id, bob.id, text("x"), id)))
      })
    )
  })
