import { assert, describe } from "@effect/vitest"
import { Effect, Fiber, Layer, Option, Stream } from "effect"
import { PublishedEvents } from "../../../src/adapters/memory/EventPublisherMemory.ts"
import { UpstreamService } from "../../../src/adapters/memory/UpstreamMemory.ts"
import { AddressBook } from "../../../src/application/contacts/AddressBook.ts"
import { Notebook } from "../../../src/application/contacts/Notebook.ts"
import { ContactNotFound } from "../../../src/domain/contacts/Contact.ts"
import { NoteBody, NoteNotDead, NoteNotFound } from "../../../src/domain/contacts/Note.ts"
import { UpstreamRejected, UpstreamUnavailable } from "../../../src/domain/contacts/Upstream.ts"
import { OutboxSignal } from "../../../src/domain/events/OutboxSignal.ts"
import { pageSize } from "../../../src/domain/shared/Listing.ts"
import { RookeryMemory } from "../../../src/RookeryMemory.ts"
import { bury, someAccount, someContact } from "../../contracts/Fixtures.ts"
import { advance, test, testOn } from "../RookeryTest.ts"

const [hello, goodbye] = [NoteBody.make("Hello"), NoteBody.make("Goodbye")]

describe("Notebook", () => {
  test(
    "keeps notes under their contact",
    Effect.gen(function* () {
      const notebook = yield* Notebook
      const { contact, owner } = yield* someContact
      const note = yield* notebook.add(owner, contact.id, hello)
      assert.deepStrictEqual(yield* notebook.get(owner, contact.id, note.id), note)
      const rewritten = yield* notebook.rewrite(owner, contact.id, note.id, goodbye)
      assert.strictEqual(rewritten.body, goodbye)
      assert.deepStrictEqual((yield* notebook.list(owner, contact.id)).first, [rewritten])
      yield* notebook.remove(owner, contact.id, note.id)
      assert.deepStrictEqual((yield* notebook.list(owner, contact.id)).first, [])
      const missing = new NoteNotFound({ id: note.id })
      assert.deepStrictEqual(yield* Effect.flip(notebook.remove(owner, contact.id, note.id)), missing)
    })
  )

  test(
    "wakes the relay with every change, and with none that failed",
    Effect.gen(function* () {
      const [book, notebook] = [yield* AddressBook, yield* Notebook]
      const signal = yield* OutboxSignal
      const { contact, owner } = yield* someContact
      const wakes = Effect.fnUntraced(function* <A, E>(change: Effect.Effect<A, E>) {
        return yield* Effect.scoped(
          Effect.gen(function* () {
            const woken = yield* Effect.forkChild(yield* signal.subscribe, { startImmediately: true })
            yield* Effect.exit(change)
            yield* advance()
            const awake = woken.pollUnsafe() !== undefined
            yield* Fiber.interrupt(woken)
            return awake
          })
        )
      })
      const { id } = yield* notebook.add(owner, contact.id, hello)
      const { id: stranger } = yield* someAccount
      assert.isTrue(yield* wakes(notebook.add(owner, contact.id, hello)))
      assert.isTrue(yield* wakes(notebook.rewrite(owner, contact.id, id, goodbye)))
      assert.isFalse(yield* wakes(notebook.resend(owner, contact.id, id)))
      yield* bury("upstream")
      assert.isTrue(yield* wakes(notebook.resend(owner, contact.id, id)))
      assert.isTrue(yield* wakes(notebook.remove(owner, contact.id, id)))
      assert.isTrue(yield* wakes(book.remove(owner, contact.id)))
      assert.isFalse(yield* wakes(notebook.add(stranger, contact.id, hello)))
      assert.isFalse(yield* wakes(notebook.rewrite(owner, contact.id, id, goodbye)))
      assert.isFalse(yield* wakes(notebook.remove(owner, contact.id, id)))
    })
  )

  test(
    "lists all notes of a contact, and ends the list where the contact goes",
    Effect.gen(function* () {
      const [book, notebook] = [yield* AddressBook, yield* Notebook]
      const { contact, owner } = yield* someContact
      const count = pageSize + 3
      yield* Effect.forEach(Array.from({ length: count }), () => notebook.add(owner, contact.id, hello))
      const whole = yield* notebook.list(owner, contact.id)
      const rest = (yield* Stream.runCollect(Option.getOrThrow(whole.rest))).flat()
      assert.lengthOf([...whole.first, ...rest], count)
      const cut = yield* notebook.list(owner, contact.id)
      yield* book.remove(owner, contact.id)
      assert.deepStrictEqual((yield* Stream.runCollect(Option.getOrThrow(cut.rest))).flat(), [])
      const error = yield* Effect.flip(notebook.list(owner, contact.id))
      assert.deepStrictEqual(error, new ContactNotFound({ id: contact.id }))
    })
  )

  testOn(RookeryMemory.pipe(Layer.fresh))(
    "has its changes brought away at once, and shows how far they came",
    Effect.gen(function* () {
      const notebook = yield* Notebook
      const [published, upstream] = [yield* PublishedEvents, yield* UpstreamService]
      const { contact, owner } = yield* someContact
      yield* advance("300 millis")
      yield* upstream.answer(() => Effect.fail(new UpstreamUnavailable({ reason: "answered 503" })))
      const { id } = yield* notebook.add(owner, contact.id, hello)
      yield* advance()
      const failed = (yield* notebook.get(owner, contact.id, id)).processing
      assert.deepStrictEqual<unknown>(failed, {
        status: "pending",
        attempts: 1,
        lastError: "answered 503",
        processedAt: null
      })
      yield* upstream.answer(() => Effect.void)
      yield* advance("3 seconds")
      assert.strictEqual((yield* notebook.get(owner, contact.id, id)).processing.status, "delivered")
      assert.lengthOf(yield* upstream.tries, 2)
      assert.deepStrictEqual(
        (yield* published.all).map((event) => [event.type, event.subject]),
        [["rookery.notes.created", `contacts/${contact.id}/notes/${id}`]]
      )
      assert.deepStrictEqual(yield* upstream.deliveries, yield* published.all)
    })
  )

  for (const [skip, limit] of [
    [0, 100],
    [0, 20],
    [0, 1],
    [30, 16],
    [30, 17],
    [35, 100],
    [40, 20],
    [1000, 20]
  ] as const) {
    test(
      `gives ${limit} notes of a contact from the ${skip}th on, a few at a time`,
      Effect.gen(function* () {
        const notebook = yield* Notebook
        const { contact, owner } = yield* someContact
        const count = 40
        const all = yield* Effect.forEach(Array.from({ length: count }), () => notebook.add(owner, contact.id, hello))
        const { notes, total } = yield* notebook.page(owner, contact.id, { skip, limit })
        assert.strictEqual(total, count)
        assert.isAtMost(notes.first.length, 16)
        const rest = Option.isNone(notes.rest) ? [] : yield* Stream.runCollect(notes.rest.value)
        assert.isTrue(rest.every((page) => page.length <= 16))
        assert.deepStrictEqual([...notes.first, ...rest.flat()], all.slice(skip, skip + limit))
      })
    )
  }

  test(
    "gives no notes of a contact that is somebody else's, and ends a part where the contact goes",
    Effect.gen(function* () {
      const [book, notebook] = [yield* AddressBook, yield* Notebook]
      const { contact, owner } = yield* someContact
      const { id: stranger } = yield* someAccount
      yield* Effect.replicateEffect(notebook.add(owner, contact.id, hello), 40, { discard: true })
      const missing = new ContactNotFound({ id: contact.id })
      const request = { skip: 0, limit: 100 }
      assert.deepStrictEqual(yield* Effect.flip(notebook.page(stranger, contact.id, request)), missing)
      const { notes } = yield* notebook.page(owner, contact.id, request)
      yield* book.remove(owner, contact.id)
      assert.deepStrictEqual((yield* Stream.runCollect(Option.getOrThrow(notes.rest))).flat(), [])
    })
  )

  testOn(RookeryMemory.pipe(Layer.fresh))(
    "sends what the upstream service refused again, once it is asked to",
    Effect.gen(function* () {
      const notebook = yield* Notebook
      const upstream = yield* UpstreamService
      const { contact, owner } = yield* someContact
      yield* advance("300 millis")
      yield* upstream.answer(() => Effect.fail(new UpstreamRejected({ reason: "answered 400" })))
      const { id } = yield* notebook.add(owner, contact.id, hello)
      yield* advance()
      const dead = (yield* notebook.get(owner, contact.id, id)).processing
      const lost = { status: "dead", attempts: 1, lastError: "answered 400", processedAt: null } as const
      assert.deepStrictEqual<unknown>(dead, lost)
      yield* upstream.answer(() => Effect.void)
      yield* advance("1 hour")
      assert.strictEqual((yield* notebook.get(owner, contact.id, id)).processing.status, "dead")
      const resent = yield* notebook.resend(owner, contact.id, id)
      assert.deepStrictEqual<unknown>(resent.processing, { ...lost, status: "pending", attempts: 0, lastError: null })
      yield* advance()
      assert.strictEqual((yield* notebook.get(owner, contact.id, id)).processing.status, "delivered")
      assert.lengthOf(yield* upstream.deliveries, 1)
      const again = yield* Effect.flip(notebook.resend(owner, contact.id, id))
      assert.deepStrictEqual<unknown>(again, new NoteNotDead({ id, status: "delivered" }))
    })
  )
})
