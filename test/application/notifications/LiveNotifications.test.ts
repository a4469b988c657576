import { assert, describe } from "@effect/vitest"
import { Array as Arr, Context, DateTime, Deferred, Effect, Layer } from "effect"
import { MemoryBus } from "../../../src/adapters/memory/RevocationsMemory.ts"
import { LiveNotifications, mostConnections } from "../../../src/application/notifications/LiveNotifications.ts"
import type { AccountId } from "../../../src/domain/accounts/Account.ts"
import { AccountRepository } from "../../../src/domain/accounts/AccountRepository.ts"
import { NotificationId } from "../../../src/domain/notifications/Notification.ts"
import { Notifier } from "../../../src/domain/notifications/Notifier.ts"
import { ContactRepository } from "../../../src/domain/contacts/ContactRepository.ts"
import { mostKept, NotificationLog } from "../../../src/domain/notifications/NotificationLog.ts"
import { ada, somePerson, unknownAccount } from "../../contracts/Fixtures.ts"
import { advance } from "../RookeryTest.ts"
import {
  Client,
  contactChanged,
  contactsUpdated,
  instance,
  join,
  openSession,
  Seen,
  someTalker,
  tell,
  test
} from "./LiveWorld.ts"

describe("LiveNotifications", () => {
  test(
    "says first that a client is connected and where the log is, then what happens, to every client of the account",
    Effect.gen(function* () {
      const live = yield* instance
      const talker = yield* someTalker
      const other = yield* someTalker
      const first = yield* join(live, talker.session)
      const at = yield* DateTime.now
      assert.deepStrictEqual(first.events, [{ _tag: "Connected", at, newest: 0, resumed: null }])
      first.events.length = 0
      yield* tell(talker.id, contactsUpdated)
      const second = yield* join(live, yield* openSession(talker.id))
      assert.deepStrictEqual(second.news, ["Connected 1"])
      yield* tell(talker.id, contactsUpdated, contactsUpdated)
      yield* tell(other.id, contactsUpdated)
      assert.deepStrictEqual(first.news, ["ContactsUpdated 1", "ContactsUpdated 2", "ContactsUpdated 3"])
      assert.deepStrictEqual(second.news, ["ContactsUpdated 2", "ContactsUpdated 3"])
      yield* live.leave(first)
      yield* live.leave(first)
      yield* tell(talker.id, contactsUpdated)
      assert.deepStrictEqual([first.news, second.news], [[], ["ContactsUpdated 4"]])
    })
  )

  test(
    "names the other one by the number that they have now, and nobody who is gone",
    Effect.gen(function* () {
      const live = yield* instance
      const talker = yield* someTalker
      const friend = yield* somePerson
      const client = yield* join(live, talker.session)
      yield* tell(talker.id, { _tag: "MessagesUpdated", with: friend.id })
      assert.deepInclude(client.events[1], {
        _tag: "MessagesUpdated",
        id: NotificationId.make(1),
        sender: friend.phoneNumber
      })
      client.events.length = 0
      yield* tell(talker.id, { _tag: "MessagesUpdated", with: unknownAccount }, contactsUpdated)
      assert.deepStrictEqual(client.news, ["ContactsUpdated 3"])
    })
  )

  test(
    "tells each client of its topic alone",
    Effect.gen(function* () {
      const live = yield* instance
      const { id, session } = yield* someTalker
      const [talk, book] = [yield* join(live, session), yield* join(live, session, { topic: "addressBook" })]
      yield* tell(id, contactsUpdated, contactChanged)
      yield* tell(id, { _tag: "NoteChanged", change: "created", contactId: 7, noteId: 9 })
      assert.deepStrictEqual(talk.news, ["Connected 0", "ContactsUpdated 1"])
      assert.deepInclude(book.events[1], {
        _tag: "ContactChanged",
        change: "updated",
        contactId: 7,
        id: NotificationId.make(2)
      })
      assert.deepInclude(book.events[2], {
        _tag: "NoteChanged",
        change: "created",
        contactId: 7,
        noteId: 9,
        id: NotificationId.make(3)
      })
    })
  )

  test(
    "wakes clients of other instances, and finds within 5 seconds what no wake told of",
    Effect.gen(function* () {
      const [here, there] = [yield* instance, yield* instance]
      const bus = yield* MemoryBus
      const { id, session } = yield* someTalker
      const clients = [yield* join(here, session), yield* join(there, session)]
      const news = () => clients.map((client) => client.news)
      news()
      yield* tell(id, contactsUpdated)
      assert.deepStrictEqual(news(), [["ContactsUpdated 1"], ["ContactsUpdated 1"]])
      yield* bus.disconnect
      yield* tell(id, contactsUpdated)
      assert.deepStrictEqual(news(), [[], []])
      yield* advance("5 seconds")
      yield* advance()
      assert.deepStrictEqual(news(), [["ContactsUpdated 2"], ["ContactsUpdated 2"]])
    })
  )

  test(
    "looks for what was missed as soon as others can be heard again",
    Effect.gen(function* () {
      const live = yield* instance
      const bus = yield* MemoryBus
      const { id, session } = yield* someTalker
      const client = yield* join(live, session)
      yield* bus.disconnect
      yield* tell(id, contactsUpdated)
      yield* bus.reconnect
      yield* advance()
      assert.deepStrictEqual(client.news, ["Connected 0", "ContactsUpdated 1"])
    })
  )

  test(
    "asks little of the database for clients that nothing happens to",
    Effect.gen(function* () {
      const live = yield* instance
      const seen = yield* Seen
      for (let count = 0; count < 30; count++) yield* join(live, (yield* someTalker).session)
      seen.asked.length = 0
      yield* advance("5 seconds")
      assert.deepStrictEqual(seen.asked, ["newest"])
    })
  )

  test(
    "tells news without a look at the log where they are all that is new, and looks where they are not",
    Effect.gen(function* () {
      const live = yield* instance
      const [seen, notifier] = [yield* Seen, yield* Notifier]
      const log = yield* NotificationLog
      const [talker, friend] = [yield* someTalker, yield* somePerson]
      const clients = [yield* join(live, talker.session), yield* join(live, talker.session)]
      const book = yield* join(live, talker.session, { topic: "addressBook" })
      /** Not told of by itself. */
      const message = Effect.fnUntraced(function* () {
        yield* log.append([{ to: talker.id, notification: { _tag: "MessagesUpdated", with: friend.id } }])
        const [to, id] = [talker.id, (yield* log.newest([talker.id])).get(talker.id) ?? NotificationId.make(1)]
        return { to, id, at: yield* DateTime.now, phone: friend.phoneNumber }
      })
      const news = () => [clients.map((client) => client.news), seen.asked.splice(0), seen.delivered.splice(0).length]
      news()
      const first = yield* message()
      seen.asked.length = 0
      yield* Effect.andThen(notifier.tell(first), advance())
      const { at, id, phone: sender } = first
      assert.deepStrictEqual(clients[0]?.events, [{ _tag: "MessagesUpdated", id, at, sender }])
      assert.deepStrictEqual(news(), [[["MessagesUpdated 1"], ["MessagesUpdated 1"]], [], 1])
      yield* Effect.andThen(notifier.tell(first), advance())
      assert.deepStrictEqual(news(), [[[], []], [], 0], "that one was told before")
      const [second, third] = [yield* message(), yield* message()]
      seen.asked.length = 0
      yield* Effect.andThen(notifier.tell(third), advance())
      const both = ["MessagesUpdated 2", "MessagesUpdated 3"]
      assert.deepStrictEqual(news(), [[both, both], ["listAfter"], 1])
      yield* Effect.andThen(notifier.tell(second), advance())
      assert.deepStrictEqual(news(), [[[], []], [], 0])
      assert.deepStrictEqual(book.news, ["Connected 0"])
    })
  )

  test(
    "leaves nothing out and repeats nothing of news that come all at once, in any order, and of clients that join meanwhile",
    Effect.gen(function* () {
      const live = yield* instance
      const [log, notifier] = [yield* NotificationLog, yield* Notifier]
      const [talker, friend] = [yield* someTalker, yield* somePerson]
      const clients = [yield* join(live, talker.session)]
      const total = 40
      const at = yield* DateTime.now
      const numbers = Array.from({ length: total }, (_, index) => index + 1)
      for (const chunk of Arr.chunksOf(numbers, 8)) {
        yield* log.append(
          chunk.map(() => ({ to: talker.id, notification: { _tag: "MessagesUpdated", with: friend.id } }))
        )
        const tells = chunk
          .toSorted((one, other) => (one % 3) - (other % 3))
          .map((id) => notifier.tell({ to: talker.id, id: NotificationId.make(id), at, phone: friend.phoneNumber }))
        const client = new Client(talker.session)
        clients.push(client)
        const joining = live.join(client, { _tag: "After", id: 0 })
        yield* Effect.all([...tells.slice(0, 4), joining, ...tells.slice(4)], { concurrency: "unbounded" })
        yield* advance()
      }
      for (const { events } of clients) {
        assert.deepStrictEqual(
          events.flatMap((event) => (event._tag === "Connected" ? [] : [event.id])),
          numbers.map((id) => NotificationId.make(id))
        )
      }
    })
  )

  describe("resuming", () => {
    test(
      "brings what came after an event, or at a time and later",
      Effect.gen(function* () {
        const live = yield* instance
        const { id, session } = yield* someTalker
        const times: Array<string> = []
        for (let count = 0; count < 4; count++) {
          yield* advance("1 minute")
          times.push(DateTime.formatIso(yield* DateTime.now))
          yield* tell(id, contactsUpdated)
        }
        const [, , third = "", fourth = ""] = times
        const since = (text: string) => Effect.map(join(live, session, { since: text }), (client) => client.news)
        const [two, three, four] = ["ContactsUpdated 2", "ContactsUpdated 3", "ContactsUpdated 4"]
        assert.deepStrictEqual(yield* since("1"), ["Connected 4 resumed", two, three, four])
        assert.deepStrictEqual(yield* since("0"), ["Connected 4 resumed", "ContactsUpdated 1", two, three, four])
        assert.deepStrictEqual(yield* since("4"), ["Connected 4 resumed"])
        assert.deepStrictEqual(yield* since(third), ["Connected 4 resumed", three, four])
        assert.deepStrictEqual(yield* since(fourth), ["Connected 4 resumed", four])
        const soon = DateTime.formatIso(DateTime.addDuration(yield* DateTime.now, "2 seconds"))
        assert.deepStrictEqual(yield* since(soon), ["Connected 4 resumed"])
      })
    )

    test(
      "reaches a second further back than a time that was given: what was made then may not have shown then",
      Effect.gen(function* () {
        const live = yield* instance
        const { id, session } = yield* someTalker
        yield* tell(id, contactsUpdated)
        yield* advance("900 millis")
        const client = yield* join(live, session, { since: DateTime.formatIso(yield* DateTime.now) })
        assert.deepStrictEqual(client.news, ["Connected 1 resumed", "ContactsUpdated 1"])
      })
    )

    test(
      "says so where not all of it is there any more, and tells only what is new",
      Effect.gen(function* () {
        const live = yield* instance
        const { id, session } = yield* someTalker
        const before = DateTime.formatIso(yield* DateTime.now)
        yield* advance("1 minute")
        const total = mostKept + 10
        yield* tell(id, ...Array.from({ length: total }, () => contactsUpdated))
        for (const since of ["0", "9", String(total + 1), before]) {
          const client = yield* join(live, session, { since })
          assert.deepStrictEqual(client.news, [`Connected ${total} not resumed`], since)
        }
        const client = yield* join(live, session, { since: "10" })
        assert.lengthOf(client.news, mostKept + 1)
        yield* tell(id, contactsUpdated)
        assert.deepStrictEqual(client.news, [`ContactsUpdated ${total + 1}`])
      })
    )

    test(
      "knows what became of an address book from when somebody first asked",
      Effect.gen(function* () {
        const live = yield* instance
        const [contacts, notifier] = [yield* ContactRepository, yield* Notifier]
        const { id, session } = yield* someTalker
        const change = Effect.andThen(contacts.insert(id, ada), notifier.wake([id]))
        const now = Effect.map(DateTime.now, DateTime.formatIso)
        const since = (text: string) => join(live, session, { topic: "addressBook", since: text })
        yield* tell(id, contactsUpdated)
        const long = yield* now
        yield* advance("1 minute")
        yield* change
        const first = yield* since(long)
        assert.deepStrictEqual(first.news, ["Connected 1 not resumed"])
        const then = yield* now
        yield* live.leave(first)
        yield* change
        yield* advance("1 minute")
        for (const [text, resumed] of [
          [then, "resumed"],
          ["1", "resumed"],
          [long, "not resumed"]
        ] as const) {
          const client = yield* since(text)
          const news = resumed === "resumed" ? ["ContactChanged 2"] : []
          assert.deepStrictEqual(client.news, [`Connected 2 ${resumed}`, ...news])
        }
      })
    )

    test(
      "resumes no address book by an id from before its changes were kept",
      Effect.gen(function* () {
        const live = yield* instance
        const [contacts, notifier] = [yield* ContactRepository, yield* Notifier]
        const { id, session } = yield* someTalker
        const since = (text: string) => join(live, session, { topic: "addressBook", since: text })
        yield* tell(id, contactsUpdated, contactsUpdated)
        yield* advance("1 second")
        // Nothing tells of this one.
        yield* Effect.andThen(contacts.insert(id, ada), notifier.wake([id]))
        yield* advance("1 second")
        // By the newest id that clients of talk were told.
        const first = yield* since("2")
        assert.deepStrictEqual(first.news, ["Connected 2 not resumed"])
        assert.deepStrictEqual((yield* since("1")).news, ["Connected 2 not resumed"])
        assert.deepStrictEqual((yield* since("2")).news, ["Connected 2 resumed"])
        yield* Effect.andThen(contacts.insert(id, ada), notifier.wake([id]))
        yield* advance("1 second")
        assert.deepStrictEqual((yield* since("2")).news, ["Connected 3 resumed", "ContactChanged 3"])
        assert.deepStrictEqual((yield* since("1")).news, ["Connected 3 not resumed"])
      })
    )

    test(
      "leaves no gap and repeats nothing, whatever happens while a client joins",
      Effect.gen(function* () {
        const live = yield* instance
        const { id, session } = yield* someTalker
        const first = yield* join(live, session)
        const clients = [first]
        for (let count = 0; count < 15; count++) {
          const client = new Client(session)
          clients.push(client)
          yield* Effect.all([live.join(client, { _tag: "After", id: 0 }), tell(id, contactsUpdated)], {
            concurrency: "unbounded"
          })
        }
        yield* advance()
        for (const { events } of clients) {
          const ids = events.flatMap((event) => (event._tag === "Connected" ? [] : [event.id]))
          assert.deepStrictEqual(
            ids,
            Array.from({ length: 15 }, (_, index) => index + 1)
          )
          assert.strictEqual(events[0]?._tag, "Connected")
        }
      })
    )

    test(
      "leaves no gap for who joins while another one of the account is told what it missed",
      Effect.gen(function* () {
        const live = yield* instance
        const { id, session } = yield* someTalker
        yield* tell(id, ...Array.from({ length: 5 }, () => contactsUpdated))
        const first = new Client(session)
        const gate = yield* Deferred.make<void>()
        const take = first.tell
        first.tell = (event) =>
          Effect.andThen(event._tag !== "Connected" && event.id === 3 ? Deferred.await(gate) : Effect.void, take(event))
        yield* live.join(first, { _tag: "After", id: 0 })
        yield* advance()
        const news = ["Connected 5 resumed", ...Array.from({ length: 5 }, (_, index) => `ContactsUpdated ${index + 1}`)]
        const second = yield* join(live, session, { since: "0" })
        yield* Deferred.succeed(gate, undefined)
        yield* advance()
        assert.deepStrictEqual([first.news, second.news], [news, news])
      })
    )

    test(
      "leaves no gap between what a new client is told of the log and what it is told first",
      Effect.gen(function* () {
        const live = yield* instance
        const { id, session } = yield* someTalker
        const [clients, changes] = [Array.from({ length: 15 }, () => new Client(session)), 15]
        for (const client of clients) {
          yield* Effect.all([live.join(client), tell(id, contactsUpdated)], { concurrency: "unbounded" })
        }
        yield* advance()
        for (const { events } of clients) {
          const [first, ...rest] = events
          const newest = first?._tag === "Connected" ? first.newest : assert.fail(first?._tag)
          assert.deepStrictEqual(
            rest.map((event) => (event._tag === "Connected" ? 0 : Number(event.id))),
            Array.from({ length: changes - newest }, (_, index) => newest + 1 + index)
          )
        }
      })
    )

    test(
      "costs one look where nothing was missed",
      Effect.gen(function* () {
        const live = yield* instance
        const seen = yield* Seen
        const { id, session } = yield* someTalker
        yield* tell(id, contactsUpdated)
        seen.asked.length = 0
        yield* join(live, session, { since: "1" })
        assert.deepStrictEqual(seen.asked, ["newest"])
      })
    )

    test(
      "begins anew with a client that lags behind further than anything is kept",
      Effect.gen(function* () {
        const live = yield* instance
        const seen = yield* Seen
        const { id, session } = yield* someTalker
        const client = yield* join(live, session)
        client.events.length = 0
        seen.away = true
        yield* tell(id, ...Array.from({ length: mostKept + 1 }, () => contactsUpdated))
        seen.away = false
        yield* advance("5 seconds")
        yield* advance()
        assert.deepStrictEqual(client.news, [`Connected ${mostKept + 1} not resumed`])
        yield* tell(id, contactsUpdated)
        assert.deepStrictEqual(client.news, [`ContactsUpdated ${mostKept + 2}`])
      })
    )
  })

  describe("bounds", () => {
    test(
      "ends the oldest connection of an account that has too many",
      Effect.gen(function* () {
        const live = yield* instance
        const { id, session } = yield* someTalker
        const other = yield* join(live, (yield* someTalker).session)
        const clients: Array<Client> = []
        for (let count = 0; count < mostConnections + 2; count++) clients.push(yield* join(live, session))
        const ended = clients.map(({ endings }) => endings.join())
        assert.deepStrictEqual(ended, ["Replaced", "Replaced", ...Array.from({ length: mostConnections }, () => "")])
        clients.forEach((client) => client.news)
        yield* tell(id, contactsUpdated)
        const told = clients.map(({ events }) => events.length)
        assert.deepStrictEqual(told, [0, 0, ...Array.from({ length: mostConnections }, () => 1)])
        assert.isEmpty(other.endings)
      })
    )

    test(
      "forgets a client that takes nothing more, and tells the others",
      Effect.gen(function* () {
        const live = yield* instance
        const seen = yield* Seen
        const { id, session } = yield* someTalker
        const [slow, quick] = [yield* join(live, session), yield* join(live, session)]
        slow.takes = 1
        yield* tell(id, contactsUpdated, contactsUpdated, contactsUpdated)
        assert.deepStrictEqual(slow.news, ["Connected 0", "ContactsUpdated 1"])
        assert.lengthOf(quick.news, 4)
        yield* live.leave(quick)
        seen.asked.length = 0
        yield* tell(id, contactsUpdated)
        yield* advance("10 seconds")
        assert.isEmpty(seen.asked, "nobody is left to look for")
      })
    )

    test(
      "turns away who comes while the log cannot be read, and finds its way back by itself",
      Effect.gen(function* () {
        const live = yield* instance
        const seen = yield* Seen
        const { id, session } = yield* someTalker
        const before = yield* join(live, session)
        before.events.length = 0
        seen.away = true
        const meanwhile = yield* join(live, session)
        assert.deepStrictEqual([meanwhile.events, meanwhile.endings], [[], ["Unavailable"]])
        yield* tell(id, contactsUpdated)
        yield* advance("20 seconds")
        assert.deepStrictEqual([before.events, before.endings], [[], []])
        seen.away = false
        yield* advance("5 seconds")
        yield* advance()
        assert.deepStrictEqual(before.news, ["ContactsUpdated 1"])
      })
    )

    test(
      "loses no event while the number of the other one cannot be looked up",
      Effect.gen(function* () {
        const accounts = yield* AccountRepository
        let away = true
        const findById = (id: AccountId) =>
          Effect.suspend(() => (away ? Effect.die("the database is away") : accounts.findById(id)))
        const live = yield* Effect.provideService(instance, AccountRepository, { ...accounts, findById })
        const [talker, friend] = [yield* someTalker, yield* somePerson]
        const client = yield* join(live, talker.session)
        yield* tell(talker.id, contactsUpdated, { _tag: "MessagesUpdated", with: friend.id }, contactsUpdated)
        assert.deepStrictEqual(client.news, ["Connected 0", "ContactsUpdated 1"])
        away = false
        yield* advance("5 seconds")
        yield* advance()
        assert.deepStrictEqual(client.news, ["MessagesUpdated 2", "ContactsUpdated 3"])
      })
    )
  })

  describe("delivery of messages", () => {
    test(
      "is told of when a client comes to talk, and when one was told of messages; of nothing else",
      Effect.gen(function* () {
        const live = yield* instance
        const { delivered } = yield* Seen
        const [talker, friend] = [yield* someTalker, yield* someTalker]
        const news = (): unknown => delivered.splice(0)
        const book = yield* join(live, talker.session, { topic: "addressBook" })
        yield* tell(talker.id, { _tag: "MessagesUpdated", with: friend.id })
        assert.deepStrictEqual(news(), [], "an address book shows no messages")
        const talk = yield* join(live, talker.session)
        assert.deepStrictEqual(news(), [talker.id])
        yield* tell(talker.id, contactsUpdated)
        yield* tell(friend.id, { _tag: "MessagesUpdated", with: talker.id })
        assert.deepStrictEqual(news(), [])
        yield* tell(talker.id, { _tag: "MessagesUpdated", with: friend.id })
        assert.deepStrictEqual(news(), [talker.id])
        talk.takes = 0
        yield* tell(talker.id, { _tag: "MessagesUpdated", with: friend.id })
        assert.deepStrictEqual(news(), [], "nobody took it")
        yield* live.leave(book)
      })
    )

    test(
      "joins what comes while others are under way, and keeps no news waiting",
      Effect.gen(function* () {
        const started: Array<AccountId> = []
        const gate = yield* Deferred.make<void>()
        const delivered = (receiver: AccountId) =>
          Effect.suspend(() => {
            started.push(receiver)
            return Deferred.await(gate)
          })
        const built = yield* Layer.build(Layer.fresh(LiveNotifications.layer({ delivered })))
        const live = Context.get(built, LiveNotifications)
        const [talker, friend] = [yield* someTalker, yield* somePerson]
        const clients: Array<Client> = []
        for (let count = 0; count < 3; count++) clients.push(yield* join(live, talker.session))
        for (let count = 0; count < 5; count++) yield* tell(talker.id, { _tag: "MessagesUpdated", with: friend.id })
        for (const client of clients) assert.lengthOf(client.news, 6)
        assert.lengthOf(started, 1)
        yield* Deferred.succeed(gate, undefined)
        yield* advance()
        assert.lengthOf(started, 2)
        yield* tell(talker.id, { _tag: "MessagesUpdated", with: friend.id })
        assert.lengthOf(started, 3)
      })
    )
  })
})
