import { assert, layer } from "@effect/vitest"
import { DateTime, Deferred, Effect, Fiber, type Layer } from "effect"
import { AccountRepository } from "../../src/domain/accounts/AccountRepository.ts"
import type { AccountId } from "../../src/domain/accounts/Account.ts"
import { type Notification, NotificationId } from "../../src/domain/notifications/Notification.ts"
import { LogTooOld, mostKept, NotificationLog } from "../../src/domain/notifications/NotificationLog.ts"
import { Transaction } from "../../src/domain/shared/Transaction.ts"
import { together } from "./AtOnce.ts"
import { someAccount, unknownAccount } from "./Fixtures.ts"

const updated: Notification = { _tag: "ContactsUpdated" }
const changed = (contactId: number): Notification => ({ _tag: "ContactChanged", change: "updated", contactId })
const tooOld = new LogTooOld()

type Ports = AccountRepository | NotificationLog | Transaction

/** Every NotificationLog must pass this, whatever it stores notifications in. */
export const notificationLogContract = <E>(name: string, adapter: Layer.Layer<Ports, E>) =>
  layer(adapter, { excludeTestServices: true })(`NotificationLog: ${name}`, (it) => {
    const append = (to: AccountId, ...notifications: ReadonlyArray<Notification>) =>
      NotificationLog.use((log) => log.append(notifications.map((notification) => ({ to, notification }))))
    const after = (account: AccountId, id: number, limit = 10_000) =>
      NotificationLog.use((log) => log.listAfter(account, id === 0 ? 0 : NotificationId.make(id), limit))
    const since = (account: AccountId, time: DateTime.Utc, limit = 10_000) =>
      NotificationLog.use((log) => log.listSince(account, time, limit))
    const idsOf = <R>(listed: Effect.Effect<ReadonlyArray<{ readonly id: number }>, LogTooOld, R>) =>
      Effect.map(listed, (entries) => entries.map(({ id }) => id))

    it.effect("keeps every kind of notification, with ids and times that grow, for each account by itself", () =>
      Effect.gen(function* () {
        const log = yield* NotificationLog
        const [{ id: one }, { id: other }] = yield* Effect.all([someAccount, someAccount])
        const all: ReadonlyArray<Notification> = [
          updated,
          { _tag: "MessagesUpdated", with: other },
          changed(2 ** 40),
          { _tag: "NoteChanged", change: "deleted", contactId: 7, noteId: 2 ** 52 }
        ]
        yield* append(one, ...all.slice(0, 2))
        yield* append(other, updated)
        yield* append(one, ...all.slice(2))
        const kept = yield* after(one, 0)
        assert.deepStrictEqual(
          kept.map(({ accountId, id, notification }) => ({ accountId, id, notification })),
          all.map((notification, index) => ({ accountId: one, id: NotificationId.make(index + 1), notification }))
        )
        const times = kept.map(({ createdAt }) => DateTime.toEpochMillis(createdAt))
        assert.deepStrictEqual(
          times,
          times.toSorted((a, b) => a - b)
        )
        for (const time of times) assert.isBelow(Math.abs(time - Date.now()), 10_000)
        assert.deepStrictEqual(yield* idsOf(after(other, 0)), [1])
        const nobody = (yield* someAccount).id
        assert.deepStrictEqual([...(yield* log.newest([other, nobody, one]))].toSorted(), [
          [one, 4],
          [other, 1]
        ])
        assert.deepStrictEqual([...(yield* log.newest([]))], [])
      })
    )

    it.effect("tells several accounts at once, some of them more than once, and some that are gone nothing", () =>
      Effect.gen(function* () {
        const log = yield* NotificationLog
        const [{ id: one }, { id: other }] = yield* Effect.all([someAccount, someAccount])
        yield* log.append([])
        yield* log.append([
          { to: other, notification: changed(1) },
          { to: unknownAccount, notification: updated },
          { to: one, notification: changed(2) },
          { to: other, notification: changed(3) }
        ])
        const told = (account: AccountId) =>
          Effect.map(after(account, 0), (entries) => entries.map(({ notification }) => notification))
        assert.deepStrictEqual(yield* told(one), [changed(2)])
        assert.deepStrictEqual(yield* told(other), [changed(1), changed(3)])
        assert.deepStrictEqual(yield* told(unknownAccount), [])
        yield* log.append([{ to: unknownAccount, notification: updated }])
      })
    )

    it.effect("lists what came after an id, a page at a time", () =>
      Effect.gen(function* () {
        const { id } = yield* someAccount
        assert.deepStrictEqual(yield* after(id, 0), [])
        yield* append(id, ...Array.from({ length: 5 }, (_, index) => changed(index + 1)))
        assert.deepStrictEqual(yield* idsOf(after(id, 0, 3)), [1, 2, 3])
        assert.deepStrictEqual(yield* idsOf(after(id, 3, 3)), [4, 5])
        assert.deepStrictEqual(yield* idsOf(after(id, 5)), [])
      })
    )

    it.effect("knows of no id that it has not given", () =>
      Effect.gen(function* () {
        const { id } = yield* someAccount
        assert.deepStrictEqual(yield* Effect.flip(after(id, 1)), tooOld)
        yield* append(id, updated)
        assert.deepStrictEqual(yield* idsOf(after(id, 1)), [])
        assert.deepStrictEqual(yield* Effect.flip(after(id, 2)), tooOld)
      })
    )

    it.effect("lists what was made since a time, that moment included", () =>
      Effect.gen(function* () {
        const { id } = yield* someAccount
        assert.deepStrictEqual(yield* since(id, DateTime.makeUnsafe(0)), [])
        yield* append(id, changed(1))
        yield* Effect.sleep("3 millis")
        yield* append(id, changed(2))
        const [first, second] = yield* after(id, 0)
        if (first === undefined || second === undefined) return assert.fail()
        assert.deepStrictEqual(yield* idsOf(since(id, DateTime.makeUnsafe(0))), [1, 2])
        assert.deepStrictEqual(yield* idsOf(since(id, DateTime.makeUnsafe(0), 1)), [1])
        assert.deepStrictEqual(yield* idsOf(since(id, first.createdAt)), [1, 2])
        assert.deepStrictEqual(yield* idsOf(since(id, DateTime.add(first.createdAt, { milliseconds: 1 }))), [2])
        assert.deepStrictEqual(yield* idsOf(since(id, DateTime.add(second.createdAt, { milliseconds: 1 }))), [])
      })
    )

    it.effect("keeps the latest thousand, and says where more was asked for", () =>
      Effect.gen(function* () {
        const { id } = yield* someAccount
        yield* append(id, changed(1), changed(2))
        yield* Effect.sleep("3 millis")
        yield* append(id, ...Array.from({ length: mostKept - 2 }, (_, index) => changed(index + 3)))
        const [first, , third] = yield* after(id, 0)
        if (first === undefined || third === undefined) return assert.fail()
        assert.lengthOf(yield* after(id, 0), mostKept)
        yield* append(id, changed(mostKept + 1))
        assert.deepStrictEqual(yield* Effect.flip(after(id, 0)), tooOld)
        assert.lengthOf(yield* after(id, 1), mostKept)
        assert.deepStrictEqual(yield* Effect.flip(since(id, first.createdAt)), tooOld)
        assert.lengthOf(yield* since(id, DateTime.add(first.createdAt, { milliseconds: 1 })), mostKept - 1)
        yield* append(id, changed(mostKept + 2))
        assert.deepStrictEqual(yield* Effect.flip(after(id, 1)), tooOld)
        assert.lengthOf(yield* since(id, third.createdAt), mostKept)
        assert.deepStrictEqual(yield* idsOf(after(id, 2, 1)), [3])
      })
    )

    it.effect("keeps no more of what comes all at once", () =>
      Effect.gen(function* () {
        const [{ id: one }, { id: other }] = yield* Effect.all([someAccount, someAccount])
        const many = Array.from({ length: mostKept + 5 }, (_, index) => changed(index + 1))
        yield* append(other, updated)
        for (const id of [one, other]) yield* append(id, ...many)
        assert.deepStrictEqual(yield* Effect.flip(after(one, 4)), tooOld)
        assert.lengthOf(yield* after(one, 5), mostKept)
        assert.deepStrictEqual(yield* Effect.flip(since(one, DateTime.makeUnsafe(0))), tooOld)
        assert.deepStrictEqual(yield* Effect.flip(after(other, 5)), tooOld)
        assert.lengthOf(yield* after(other, 6), mostKept)
        yield* append(one, updated)
        assert.lengthOf(yield* after(one, 6), mostKept)
      })
    )

    it.effect("forgets what is old, and only misses what there was", () =>
      Effect.gen(function* () {
        const log = yield* NotificationLog
        const [{ id: all }, { id: some }, { id: none }] = yield* Effect.all([someAccount, someAccount, someAccount])
        yield* append(all, updated, updated)
        yield* append(some, updated)
        yield* Effect.sleep("3 millis")
        yield* append(some, updated)
        yield* append(none, updated)
        const [, newest] = yield* after(some, 0)
        const [, old] = yield* after(all, 0)
        if (newest === undefined || old === undefined) return assert.fail()
        yield* log.deleteBefore(newest.createdAt)
        assert.deepStrictEqual(yield* Effect.flip(after(all, 1)), tooOld)
        assert.deepStrictEqual(yield* after(all, 2), [])
        assert.deepStrictEqual(yield* Effect.flip(since(all, old.createdAt)), tooOld)
        assert.deepStrictEqual(yield* since(all, newest.createdAt), [])
        assert.deepStrictEqual(yield* Effect.flip(after(some, 0)), tooOld)
        assert.deepStrictEqual(yield* after(some, 1), [newest])
        assert.deepStrictEqual(yield* since(some, newest.createdAt), [newest])
        assert.deepStrictEqual(yield* idsOf(after(none, 0)), [1])
        // Again it finds nothing, and ids go on where they were.
        yield* log.deleteBefore(newest.createdAt)
        assert.deepStrictEqual(yield* after(some, 1), [newest])
        yield* append(all, updated)
        assert.deepStrictEqual(yield* idsOf(after(all, 2)), [3])
      })
    )

    it.effect("tells nothing of a transaction that is undone", () =>
      Effect.gen(function* () {
        const { atomic } = yield* Transaction
        const { id } = yield* someAccount
        yield* Effect.flip(atomic(Effect.andThen(append(id, changed(1)), Effect.fail("undone"))))
        yield* append(id, changed(2))
        assert.deepStrictEqual(
          (yield* after(id, 0)).map(({ id, notification }) => [id, notification]),
          [[1, changed(2)]]
        )
      })
    )

    it.effect("gives ids in the order of the commits, so that nothing comes before what was seen", () =>
      Effect.gen(function* () {
        const { atomic } = yield* Transaction
        const { id } = yield* someAccount
        const told = yield* Deferred.make<void>()
        const slow = append(id, changed(1)).pipe(
          Effect.andThen(Deferred.succeed(told, undefined)),
          Effect.andThen(Effect.sleep("20 millis")),
          atomic
        )
        const fiber = yield* Effect.forkChild(slow)
        yield* Deferred.await(told)
        yield* append(id, changed(2))
        const kept = yield* after(id, 0)
        assert.deepStrictEqual(
          kept.map(({ notification }) => notification),
          [changed(1), changed(2)]
        )
        yield* Fiber.join(fiber)
      })
    )

    it.effect(
      "loses none of many at once, whoever tells the same people in whichever order, and waits for nobody for good",
      () =>
        Effect.gen(function* () {
          const log = yield* NotificationLog
          const people = yield* Effect.replicateEffect(someAccount, 4)
          const rounds = Array.from({ length: 24 }, (_, round) => {
            const entries = people.map(({ id }) => ({ to: id, notification: changed(round + 1) }))
            return log.append(round % 2 === 0 ? entries : entries.toReversed())
          })
          const sweeps = Array.from({ length: 4 }, () => log.deleteBefore(DateTime.makeUnsafe(0)))
          yield* Effect.all([...rounds, ...sweeps], together)
          for (const { id } of people) {
            const kept = yield* after(id, 0)
            assert.deepStrictEqual(
              kept.map((entry) => entry.id),
              rounds.map((_, index) => index + 1)
            )
            assert.strictEqual(new Set(kept.map((entry) => JSON.stringify(entry.notification))).size, rounds.length)
          }
        })
    )

    it.effect("goes with its account, also while more is told and old is forgotten", () =>
      Effect.gen(function* () {
        const [accounts, log] = [yield* AccountRepository, yield* NotificationLog]
        for (let round = 0; round < 5; round++) {
          const { id } = yield* someAccount
          yield* append(id, updated, updated)
          const now = DateTime.makeUnsafe(Date.now() + 60_000)
          yield* Effect.all(
            [append(id, updated), accounts.delete(id), log.deleteBefore(now), append(id, updated)],
            together
          )
          assert.deepStrictEqual(yield* after(id, 0), [])
          assert.strictEqual((yield* log.newest([id])).size, 0)
        }
      })
    )
  })
