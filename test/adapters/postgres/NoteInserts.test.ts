import { assert, layer } from "@effect/vitest"
import { Duration, Effect, Exit, Fiber, Layer, Option } from "effect"
import { SqlClient, Statement } from "effect/sql"
import { ContactRepository } from "../../../src/domain/contacts/ContactRepository.ts"
import { NoteBody } from "../../../src/domain/contacts/Note.ts"
import { NoteRepository } from "../../../src/domain/contacts/NoteRepository.ts"
import { EventHandover } from "../../../src/domain/events/EventHandover.ts"
import { Outbox, type OutboxEntry } from "../../../src/domain/events/Outbox.ts"
import { OutboxSignal } from "../../../src/domain/events/OutboxSignal.ts"
import { Transaction } from "../../../src/domain/shared/Transaction.ts"
import { someContact } from "../../contracts/Fixtures.ts"
import { describeWith, postgresUrl } from "../../support/Services.ts"
import { serverDatabase } from "../../support/TestDatabase.ts"
import { repositoriesOn } from "./RepositoriesOn.ts"

const hello = NoteBody.make("Hello")
const unbounded = { concurrency: "unbounded" } as const

/** How many statements the effect makes. */
const statementsOf = Effect.fnUntraced(function* <A, E, R>(effect: Effect.Effect<A, E, R>) {
  let count = 0
  const counting: Statement.Transformer = (statement) =>
    Effect.sync(() => {
      count += 1
      return statement
    })
  yield* Effect.provideService(effect, Statement.CurrentTransformer, counting)
  return count
})

const OnServer = Layer.unwrap(
  Effect.sync(() => {
    const database = serverDatabase()
    return Layer.merge(repositoriesOn(database)(false), database)
  })
)

describeWith(postgresUrl)("notes that are added at once", () => {
  layer(OnServer, { excludeTestServices: true })("on a server", (it) => {
    it.effect("are written by one statement for sixteen, but for long ones", () =>
      Effect.gen(function* () {
        const notes = yield* NoteRepository
        const [one, other] = [yield* someContact, yield* someContact]
        const insert = (index: number, body = hello) => {
          const { contact, owner } = index % 2 === 0 ? one : other
          return notes.insert(owner, contact.id, body)
        }
        const many = (count: number) =>
          Effect.forEach(
            Array.from({ length: count }, (_, index) => index),
            (index) => insert(index),
            unbounded
          )
        assert.strictEqual(yield* statementsOf(many(16)), 1)
        assert.strictEqual(yield* statementsOf(many(50)), 4)
        assert.strictEqual(yield* statementsOf(insert(0)), 1)
        const long = NoteBody.make("x".repeat(10_001))
        const mixed = Effect.all([insert(0), insert(1, long), insert(2), insert(3, long)], unbounded)
        assert.strictEqual(yield* statementsOf(mixed), 3)
      })
    )

    it.effect("are handed to the relay that takes them, leased to it, as it would have claimed them", () =>
      Effect.gen(function* () {
        const [notes, outbox, handover] = [yield* NoteRepository, yield* Outbox, yield* EventHandover]
        const { contact, owner } = yield* someContact
        const taken: Array<OutboxEntry> = []
        const [holder, lease] = ["a relay", Duration.minutes(1)]
        yield* handover.open({ holder, lease, isOpen: () => true, take: (entries) => void taken.push(...entries) })
        const insert = (body = hello) => notes.insert(owner, contact.id, body)
        const long = NoteBody.make("x".repeat(10_001))
        const added = [...(yield* Effect.all([insert(), insert(), insert(long)], unbounded)), yield* insert()]
        const subjects = added.map(({ id }) => `contacts/${contact.id}/notes/${id}`)
        assert.sameMembers(
          taken.map(({ subject }) => subject),
          subjects
        )
        const claim = Effect.map(
          outbox.claim({ destination: "broker", holder: "another", limit: 1000, lease }),
          (entries) => entries.filter(({ subject }) => subjects.includes(subject))
        )
        assert.isEmpty(yield* claim)
        const ids = taken.map(({ id }) => id)
        yield* outbox.release(holder, ids, Duration.zero)
        const byId = (entries: ReadonlyArray<OutboxEntry>) => entries.toSorted((one, other) => one.id - other.id)
        const claimed = yield* claim
        assert.deepStrictEqual(byId(claimed), byId(taken))
        assert.strictEqual(JSON.stringify(byId(claimed)), JSON.stringify(byId(taken)))
      }).pipe(Effect.scoped)
    )

    it.effect("are handed to nobody before they are committed, and wake the relay then", () =>
      Effect.gen(function* () {
        const [notes, handover, signal] = [yield* NoteRepository, yield* EventHandover, yield* OutboxSignal]
        const { atomic } = yield* Transaction
        const { contact, owner } = yield* someContact
        const taken: Array<OutboxEntry> = []
        const lease = Duration.minutes(1)
        const notified = yield* signal.subscribeTo("broker")
        const isWoken = Effect.map(Effect.timeoutOption(notified, "20 millis"), Option.isSome)
        yield* handover.open({
          holder: "a relay",
          lease,
          isOpen: () => true,
          take: (entries) => void taken.push(...entries)
        })
        const insert = notes.insert(owner, contact.id, hello)
        yield* insert
        assert.lengthOf(taken, 1)
        assert.isFalse(yield* isWoken)
        yield* Effect.exit(atomic(Effect.andThen(insert, Effect.fail("undo"))))
        assert.isFalse(yield* isWoken)
        yield* atomic(insert)
        assert.isTrue(yield* isWoken)
        assert.lengthOf(taken, 1)
      }).pipe(Effect.scoped)
    )

    it.effect("wait for nobody but who has locked their own contact", () =>
      Effect.gen(function* () {
        const [contacts, notes, sql] = [yield* ContactRepository, yield* NoteRepository, yield* SqlClient.SqlClient]
        const [locked, free] = [yield* someContact, yield* someContact]
        const reserved = yield* sql.reserve
        yield* reserved.execute("BEGIN", [], undefined)
        yield* reserved.execute("SELECT id FROM contacts WHERE id = $1 FOR UPDATE", [locked.contact.id], undefined)
        const insert = ({ contact, owner }: typeof free) => notes.insert(owner, contact.id, hello)
        const waiting = yield* Effect.forkChild(insert(locked), { startImmediately: true })
        const [one, other] = yield* Effect.all([insert(free), insert(free)], unbounded)
        assert.notStrictEqual(one.id, other.id)
        assert.isUndefined(waiting.pollUnsafe())
        // It goes on when the lock is given back, and finds the contact gone if it is.
        yield* reserved.execute("DELETE FROM contacts WHERE id = $1", [locked.contact.id], undefined)
        yield* reserved.execute("COMMIT", [], undefined)
        const exit = yield* Fiber.await(waiting)
        assert.isTrue(Exit.isFailure(exit))
        assert.isTrue(Exit.isFailure(yield* Effect.exit(contacts.findById(locked.owner, locked.contact.id))))
      }).pipe(Effect.scoped)
    )

    it.effect("are written with their own transaction or undone with it, whatever others do", () =>
      Effect.gen(function* () {
        const [notes, { atomic }] = [yield* NoteRepository, yield* Transaction]
        const { contact, owner } = yield* someContact
        const insert = notes.insert(owner, contact.id, hello)
        const undone = Effect.exit(atomic(Effect.andThen(insert, Effect.fail("undo"))))
        for (let round = 0; round < 10; round++) {
          const { total } = yield* notes.page(owner, contact.id, { skip: 0, limit: 1 })
          yield* Effect.all([undone, atomic(insert), insert, atomic(insert), undone], unbounded)
          const after = yield* notes.page(owner, contact.id, { skip: 0, limit: 1 })
          assert.strictEqual(after.total - total, 3)
        }
      })
    )
  })
})
