import { assert, layer } from "@effect/vitest"
import { DateTime, Effect, Layer } from "effect"
import { SecureRandom } from "effect/crypto"
import { SqlClient } from "effect/sql"
import { BlobStoreMemory } from "../../../src/adapters/memory/BlobStoreMemory.ts"
import { MediaProbeMemory } from "../../../src/adapters/memory/MediaProbeMemory.ts"
import { NotifierMemory } from "../../../src/adapters/memory/NotifierMemory.ts"
import { RateLimitsMemory } from "../../../src/adapters/memory/RateLimitsMemory.ts"
import { RevocationsMemory } from "../../../src/adapters/memory/RevocationsMemory.ts"
import { Conversations } from "../../../src/application/talk/Conversations.ts"
import { Friends } from "../../../src/application/talk/Friends.ts"
import { AccountRepository } from "../../../src/domain/accounts/AccountRepository.ts"
import { outcome, together } from "../../contracts/AtOnce.ts"
import { someFriends, someMedia, somePerson } from "../../contracts/Fixtures.ts"
import { listed, type Person, read, send, talkOn, text, toldOf, unread } from "../../application/talk/TalkWorld.ts"
import { describeWith, postgresUrl } from "../../support/Services.ts"
import { serverDatabase } from "../../support/TestDatabase.ts"
import { repositoriesOn } from "./RepositoriesOn.ts"

/** The use cases on a database where transactions run beside each other, unlike those in memory. */
const Database = serverDatabase()
const OnServer = talkOn(
  Layer.mergeAll(
    Layer.provideMerge(repositoriesOn(Database)(true), Database),
    NotifierMemory.pipe(Layer.provideMerge(RevocationsMemory)),
    RateLimitsMemory({ requestsPerMinute: 0 }),
    BlobStoreMemory,
    MediaProbeMemory,
    SecureRandom.layerWebCrypto
  )
)

const befriend = (one: Person, other: Person) =>
  Friends.use((friends) =>
    Effect.andThen(friends.request(one.id, other.phoneNumber), friends.request(other.id, one.phoneNumber))
  )
const remove = (from: Person, to: Person) => Friends.use((friends) => friends.remove(from.id, to.phoneNumber))
const deliveredTo = ({ id }: Person) => Conversations.use((conversations) => conversations.deliveredTo(id))
const readAll = (reader: Person, { phoneNumber }: Person) =>
  Conversations.use((conversations) => conversations.readAllText(reader.id, phoneNumber))

describeWith(postgresUrl)("conversations at once", () => {
  layer(OnServer, { excludeTestServices: true, timeout: "60 seconds" })("on a server", (it) => {
    it.effect("have one message of twenty that are sent under one name", () =>
      Effect.gen(function* () {
        for (let round = 0; round < 5; round++) {
          const [ada, bob] = yield* someFriends
          const sends = Array.from({ length: 20 }, () => send(ada, bob, text("once"), "once"))
          const all = yield* Effect.all(sends, together)
          assert.strictEqual(new Set(all.map(({ id }) => id)).size, 1)
          assert.deepStrictEqual(yield* listed(bob, ada), all.slice(0, 1))
          assert.deepStrictEqual([yield* toldOf(bob), yield* unread(bob, ada)], [[ada.id], 1])
        }
      })
    )

    it.effect("give one name of a client to one message, whoever it goes to", () =>
      Effect.gen(function* () {
        for (let round = 0; round < 10; round++) {
          const [ada, bob] = yield* someFriends
          const cleo = yield* somePerson
          yield* befriend(ada, cleo)
          const sends = [bob, cleo, bob, cleo].map((to) => outcome(send(ada, to, text("once"), "once")))
          const outcomes = yield* Effect.all(sends, together)
          assert.deepStrictEqual(outcomes.toSorted(), [
            "ClientMessageIdReused",
            "ClientMessageIdReused",
            "done",
            "done"
          ])
          assert.lengthOf([...(yield* listed(ada, bob)), ...(yield* listed(ada, cleo))], 1)
        }
      })
    )

    it.effect("never wait for each other for good, and count right, whatever three people do", () =>
      Effect.gen(function* () {
        for (let round = 0; round < 6; round++) {
          const [ada, bob] = yield* someFriends
          const cleo = yield* somePerson
          yield* Effect.andThen(befriend(bob, cleo), befriend(cleo, ada))
          const ways = [
            [ada, bob],
            [bob, ada],
            [bob, cleo],
            [cleo, bob],
            [cleo, ada],
            [ada, cleo]
          ] as const
          const now = yield* DateTime.now
          const clip = Effect.fnUntraced(function* (from: Person, to: Person) {
            const { id: mediaId } = yield* someMedia(from.id, now)
            yield* send(from, to, { _tag: "Media", kind: "audio", mediaId, text: null })
          })
          const early = yield* Effect.forEach(ways, ([from, to]) => send(from, to), together)
          const work = ways.flatMap(([from, to], n) => [
            outcome(send(from, to)),
            outcome(deliveredTo(to)),
            outcome(read(to, ...early.slice(n, n + 1))),
            outcome(clip(from, to)),
            outcome(readAll(to, from)),
            outcome(send(from, to, text("x"), "x")),
            outcome(read(to, ...early.slice(n, n + 1)))
          ])
          const outcomes = yield* Effect.all(work, together)
          assert.includeMembers(["done", "ClientMessageIdReused"], outcomes)
          for (const [n, [from, to]] of ways.entries()) {
            const all = yield* listed(to, from)
            const unseen = all.filter(({ receiver, status }) => receiver === to.id && status !== "seen")
            assert.strictEqual(yield* unread(to, from), unseen.length)
            assert.isAtLeast(unseen.length, 1)
            assert.strictEqual(all.find(({ id }) => id === early[n]?.id)?.status, "seen")
          }
        }
      })
    )

    it.effect("end with a block: nothing is sent once that was answered", () =>
      Effect.gen(function* () {
        for (let round = 0; round < 30; round++) {
          const [ada, bob] = yield* someFriends
          const [blocked, blocking] = round % 2 === 0 ? [ada, bob] : [bob, ada]
          const sends = Array.from({ length: 6 }, (_, n) => outcome(send(ada, bob, text(`${n}`), `${n}`)))
          const replies = Array.from({ length: 3 }, () => outcome(send(bob, ada)))
          const block = Effect.andThen(remove(blocking, blocked), listed(bob, ada))
          const [before, ...outcomes] = yield* Effect.all(
            [Effect.delay(block, `${round % 4} millis`), ...sends, ...replies, outcome(deliveredTo(bob))],
            together
          )
          assert.strictEqual(yield* outcome(send(ada, bob)), "NotFriends")
          assert.includeMembers(["done", "NotFriends"], outcomes)
          const after = yield* listed(bob, ada)
          assert.deepStrictEqual(
            after.map(({ id }) => id),
            before.map(({ id }) => id)
          )
          // One that is "done" is the delivery.
          assert.lengthOf(after, outcomes.filter((one) => one === "done").length - 1)
          assert.lengthOf(yield* toldOf(bob), after.filter(({ sender }) => sender === ada.id).length)
        }
      })
    )

    it.effect("leave nothing behind of whoever leaves, and wait for nobody for good", () =>
      Effect.gen(function* () {
        const accounts = yield* AccountRepository
        for (let round = 0; round < 20; round++) {
          const [ada, bob] = yield* someFriends
          const cleo = yield* somePerson
          yield* Effect.andThen(befriend(bob, cleo), befriend(cleo, ada))
          const work = [ada, bob, cleo, ada].flatMap((from, n, all) => {
            const to = all[n + 1] ?? bob
            return [
              outcome(send(from, to)),
              outcome(send(to, from, text("x"), `${n}`)),
              outcome(deliveredTo(to)),
              outcome(readAll(to, from))
            ]
          })
          const leaving = round % 3 === 0 ? [ada, bob] : [bob]
          const leave = leaving.map(({ id }) => outcome(accounts.delete(id)))
          const outcomes = yield* Effect.all([...work, ...leave, outcome(remove(cleo, ada)), ...work], together)
          assert.includeMembers(
            ["done", "FriendNotFound", "NotFriends", "NoPhoneNumber", "AccountNotFound", "ClientMessageIdReused"],
            outcomes
          )
          const rows = yield* SqlClient.SqlClient.use(
            (sql) => sql`SELECT FROM messages WHERE ${bob.id} IN (low_id, high_id)`
          )
          assert.lengthOf(rows, 0)
          assert.strictEqual(yield* outcome(send(cleo, bob)), "FriendNotFound")
        }
      })
    )

    it.effect("become delivered once, whoever finds that out", () =>
      Effect.gen(function* () {
        for (let round = 0; round < 10; round++) {
          const [ada, bob] = yield* someFriends
          const cleo = yield* somePerson
          yield* befriend(cleo, bob)
          const earlier = yield* toldOf(cleo)
          for (const from of [ada, cleo, ada]) yield* send(from, bob)
          yield* Effect.all([...Array.from({ length: 6 }, () => deliveredTo(bob)), send(bob, ada)], together)
          for (const from of [ada, cleo]) {
            const received = (yield* listed(bob, from)).filter(({ receiver }) => receiver === bob.id)
            assert.isTrue(received.every(({ status }) => status === "delivered"))
          }
          // Of their delivery, and of what Bob has sent.
          assert.lengthOf(yield* toldOf(ada), 2)
          assert.lengthOf(yield* toldOf(cleo), earlier.length + 1)
        }
      })
    )
  })
})
