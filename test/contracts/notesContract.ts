import { assert, layer } from "@effect/vitest"
import { DateTime, Deferred, Effect, type Layer, Option, Result, Schema } from "effect"
import type { AccountRepository } from "../../src/domain/accounts/AccountRepository.ts"
import { ContactId, ContactNotFound } from "../../src/domain/contacts/Contact.ts"
import { ContactRepository } from "../../src/domain/contacts/ContactRepository.ts"
import { Note, NoteBody, NoteId, NoteNotDead, NoteNotFound } from "../../src/domain/contacts/Note.ts"
import { NoteRepository } from "../../src/domain/contacts/NoteRepository.ts"
import { NoteEventData, type NoteEventType } from "../../src/domain/events/NoteEvent.ts"
import { Outbox, type OutboxEntry } from "../../src/domain/events/Outbox.ts"
import { Transaction } from "../../src/domain/shared/Transaction.ts"
import { ada, arrivals, bury, emptyOutbox, someContact } from "./Fixtures.ts"
import { textsOf } from "./Texts.ts"

type Ports = AccountRepository | ContactRepository | NoteRepository | Outbox | Transaction

const hello = NoteBody.make('Hello,\n"world" 👋 \\u0041')
const goodbye = NoteBody.make("Goodbye")
const pending = { status: "pending", attempts: 0, lastError: null, processedAt: null } as const

const decodeData = Schema.decodeUnknownEffect(Schema.toCodecJson(NoteEventData))

const eventOf = (type: NoteEventType, note: Note) => ({
  type,
  subject: `contacts/${note.contactId}/notes/${note.id}`,
  data: {
    id: note.id,
    contact_id: note.contactId,
    user_id: note.accountId,
    ...(type === "rookery.notes.deleted" ? {} : { body: note.body }),
    created_at: DateTime.formatIso(note.createdAt),
    updated_at: DateTime.formatIso(note.updatedAt)
  },
  attempts: 1
})

/** What an entry tells, without what every entry has of its own. */
const told = ({ attempts, data, subject, type }: OutboxEntry) => ({ type, subject, data, attempts })

/** Every NoteRepository must pass this, whatever it stores notes in. */
export const notesContract = <E>(name: string, adapter: (upstream: boolean) => Layer.Layer<Ports, E>) => {
  layer(adapter(true), { excludeTestServices: true })(`NoteRepository: ${name}`, (it) => {
    it.effect("writes a new note and its event for each destination", () =>
      Effect.gen(function* () {
        const notes = yield* NoteRepository
        const { contact, owner } = yield* someContact
        yield* emptyOutbox
        const note = yield* notes.insert(owner, contact.id, hello)
        const { createdAt, id } = note
        const times = { createdAt, updatedAt: createdAt }
        assert.deepStrictEqual(
          { ...note },
          {
            id,
            contactId: contact.id,
            accountId: owner,
            body: hello,
            ...times,
            processing: pending
          }
        )
        assert.instanceOf(note, Note)
        assert.deepStrictEqual(yield* notes.findById(owner, contact.id, id), note)

        const [broker, upstream] = [yield* arrivals("broker"), yield* arrivals("upstream")]
        assert.deepStrictEqual(broker.map(told), [eventOf("rookery.notes.created", note)])
        assert.deepStrictEqual(upstream.map(told), broker.map(told))
        assert.deepStrictEqual(upstream[0]?.eventId, broker[0]?.eventId)
        assert.deepStrictEqual(broker[0]?.occurredAt, createdAt)
        yield* decodeData(broker[0]?.data)
      })
    )

    it.effect(
      "writes many notes at once, each under its own contact with an event of its own, and none under another's",
      () =>
        Effect.gen(function* () {
          const notes = yield* NoteRepository
          const contacts = yield* Effect.all([someContact, someContact, someContact])
          const strange = yield* someContact
          yield* emptyOutbox
          const wanted = Array.from({ length: 100 }, (_, index) => {
            const { contact, owner } = contacts[index % 3] ?? strange
            const body = NoteBody.make(index === 50 ? "long ".repeat(5000) : `Note ${index}`)
            const contactId =
              index % 10 === 4 ? strange.contact.id : index % 10 === 7 ? ContactId.make(2 ** 40) : contact.id
            return { owner, contactId, body, isRefused: index % 10 === 4 || index % 10 === 7 }
          })
          const written = yield* Effect.forEach(
            wanted,
            ({ body, contactId, owner }) => Effect.result(notes.insert(owner, contactId, body)),
            { concurrency: "unbounded" }
          )
          const made: Array<Note> = []
          for (const [index, result] of written.entries()) {
            const { body, contactId, isRefused, owner } = wanted[index] ?? assert.fail()
            if (isRefused) {
              assert.deepStrictEqual(Result.getFailure(result), Option.some(new ContactNotFound({ id: contactId })))
            } else {
              const note = Result.getOrThrow(result)
              assert.deepStrictEqual([note.accountId, note.contactId, note.body], [owner, contactId, body])
              assert.deepStrictEqual(yield* notes.findById(owner, contactId, note.id), note)
              made.push(note)
            }
          }
          assert.strictEqual(new Set(made.map(({ id }) => id)).size, 80)
          const events = (all: ReadonlyArray<OutboxEntry>) =>
            all.map(told).toSorted((one, other) => one.subject.localeCompare(other.subject))
          const expected = made
            .map((note) => eventOf("rookery.notes.created", note))
            .toSorted((one, other) => one.subject.localeCompare(other.subject))
          const [broker, upstream] = [yield* arrivals("broker"), yield* arrivals("upstream")]
          assert.deepStrictEqual(events(broker), expected)
          assert.deepStrictEqual(events(upstream), expected)
          assert.strictEqual(new Set(broker.map(({ eventId }) => eventId)).size, 80)
        })
    )

    it.effect("writes the new body of a note and its event, and processes it anew", () =>
      Effect.gen(function* () {
        const notes = yield* NoteRepository
        const { contact, owner } = yield* someContact
        yield* emptyOutbox
        const note = yield* notes.insert(owner, contact.id, hello)
        const created = [...(yield* arrivals("broker")), ...(yield* arrivals("upstream"))]
        const delivered = yield* notes.findById(owner, contact.id, note.id)
        assert.strictEqual(delivered.processing.status, "delivered")

        yield* Effect.sleep("5 millis")
        const saved = yield* notes.saveBody(owner, contact.id, note.id, goodbye)
        assert.deepStrictEqual(
          { ...saved },
          { ...note, body: goodbye, updatedAt: saved.updatedAt, processing: pending }
        )
        assert.isTrue(DateTime.isGreaterThan(saved.updatedAt, note.updatedAt))
        assert.deepStrictEqual(yield* notes.findById(owner, contact.id, note.id), saved)

        const updated = [...(yield* arrivals("broker")), ...(yield* arrivals("upstream"))]
        const event = eventOf("rookery.notes.updated", saved)
        assert.deepStrictEqual(updated.map(told), [event, event])
        assert.deepStrictEqual(
          updated.map((entry) => entry.destination),
          ["broker", "upstream"]
        )
        assert.strictEqual(new Set(updated.map((entry) => entry.eventId)).size, 1)
        assert.strictEqual(new Set([...created, ...updated].map((entry) => entry.eventId)).size, 2)
      })
    )

    it.effect("tells the event stream alone of a deleted note", () =>
      Effect.gen(function* () {
        const notes = yield* NoteRepository
        const { contact, owner } = yield* someContact
        const note = yield* notes.insert(owner, contact.id, hello)
        yield* emptyOutbox
        yield* notes.delete(owner, contact.id, note.id)
        const missing = new NoteNotFound({ id: note.id })
        assert.deepStrictEqual(yield* Effect.flip(notes.findById(owner, contact.id, note.id)), missing)
        assert.deepStrictEqual(yield* Effect.flip(notes.delete(owner, contact.id, note.id)), missing)
        const broker = yield* arrivals("broker")
        assert.deepStrictEqual(broker.map(told), [eventOf("rookery.notes.deleted", note)])
        yield* decodeData(broker[0]?.data)
        assert.deepStrictEqual(yield* arrivals("upstream"), [])
      })
    )

    it.effect("tells of each note that went with its contact", () =>
      Effect.gen(function* () {
        const [contacts, notes] = [yield* ContactRepository, yield* NoteRepository]
        const { contact, owner } = yield* someContact
        const other = yield* contacts.insert(owner, ada)
        const gone = [yield* notes.insert(owner, contact.id, hello), yield* notes.insert(owner, contact.id, goodbye)]
        const kept = yield* notes.insert(owner, other.id, hello)
        yield* emptyOutbox
        yield* contacts.delete(owner, contact.id)
        const broker = yield* arrivals("broker")
        assert.sameDeepMembers(
          broker.map(told),
          gone.map((note) => eventOf("rookery.notes.deleted", note))
        )
        assert.strictEqual(new Set(broker.map((entry) => entry.eventId)).size, 2)
        assert.deepStrictEqual(yield* arrivals("upstream"), [])
        const missing = yield* Effect.flip(notes.listByContact(owner, contact.id, 0, 10))
        assert.deepStrictEqual(missing, new ContactNotFound({ id: contact.id }))
        for (const { id } of gone) yield* Effect.flip(notes.findById(owner, contact.id, id))
        assert.strictEqual((yield* notes.findById(owner, other.id, kept.id)).id, kept.id)
      })
    )

    it.effect("writes no event where nothing changed", () =>
      Effect.gen(function* () {
        const notes = yield* NoteRepository
        const { contact, owner } = yield* someContact
        yield* emptyOutbox
        const [noContact, noNote] = [ContactId.make(2 ** 40), NoteId.make(2 ** 40)]
        const missing = yield* Effect.flip(notes.insert(owner, noContact, hello))
        assert.deepStrictEqual(missing, new ContactNotFound({ id: noContact }))
        for (const attempt of [
          notes.saveBody(owner, contact.id, noNote, hello),
          notes.delete(owner, contact.id, noNote),
          notes.findById(owner, contact.id, noNote)
        ]) {
          assert.deepStrictEqual(yield* Effect.flip(attempt), new NoteNotFound({ id: noNote }))
        }
        assert.deepStrictEqual([...(yield* arrivals("broker")), ...(yield* arrivals("upstream"))], [])
      })
    )

    it.effect("lists the notes of a contact by id, a page at a time", () =>
      Effect.gen(function* () {
        const [contacts, notes] = [yield* ContactRepository, yield* NoteRepository]
        const { contact, owner } = yield* someContact
        const other = yield* contacts.insert(owner, ada)
        assert.deepStrictEqual(yield* notes.listByContact(owner, contact.id, 0, 100), [])
        const mine: Array<Note> = []
        for (const body of ["c", "a", "b"]) {
          mine.push(yield* notes.insert(owner, contact.id, NoteBody.make(body)))
          yield* notes.insert(owner, other.id, hello)
        }
        assert.deepStrictEqual(yield* notes.listByContact(owner, contact.id, 0, 100), mine)
        assert.deepStrictEqual(yield* notes.listByContact(owner, contact.id, 0, 2), mine.slice(0, 2))
        assert.deepStrictEqual(yield* notes.listByContact(owner, contact.id, mine[0]?.id ?? 0, 100), mine.slice(1))
        assert.deepStrictEqual(yield* notes.listByContact(owner, contact.id, mine[2]?.id ?? 0, 100), [])
      })
    )

    it.effect("gives any part of the notes of a contact, and how many there are", () =>
      Effect.gen(function* () {
        const [contacts, notes] = [yield* ContactRepository, yield* NoteRepository]
        const { contact, owner } = yield* someContact
        const { owner: stranger } = yield* someContact
        const other = yield* contacts.insert(owner, ada)
        const page = (skip: number, limit: number) => notes.page(owner, contact.id, { skip, limit })
        assert.deepStrictEqual(yield* page(0, 100), { items: [], total: 0 })
        const mine: Array<Note> = []
        for (const body of ["c", "a", "b", "d"]) {
          mine.push(yield* notes.insert(owner, contact.id, NoteBody.make(body)))
          yield* notes.insert(owner, other.id, hello)
        }
        assert.deepStrictEqual(yield* page(0, 100), { items: mine, total: 4 })
        assert.deepStrictEqual(yield* page(1, 2), { items: mine.slice(1, 3), total: 4 })
        assert.deepStrictEqual(yield* page(3, 2), { items: mine.slice(3), total: 4 })
        for (const skip of [4, Number.MAX_SAFE_INTEGER]) {
          assert.deepStrictEqual(yield* page(skip, 100), { items: [], total: 4 })
        }
        const missing = new ContactNotFound({ id: contact.id })
        const request = { skip: 0, limit: 10 }
        assert.deepStrictEqual(yield* Effect.flip(notes.page(stranger, contact.id, request)), missing)
        yield* contacts.delete(owner, contact.id)
        assert.deepStrictEqual(yield* Effect.flip(page(0, 10)), missing)
      })
    )

    it.effect("hides a note from everybody but its owner, and under every other contact", () =>
      Effect.gen(function* () {
        const [contacts, notes] = [yield* ContactRepository, yield* NoteRepository]
        const { contact, owner } = yield* someContact
        const { contact: strangersContact, owner: stranger } = yield* someContact
        const other = yield* contacts.insert(owner, ada)
        const note = yield* notes.insert(owner, contact.id, hello)
        yield* emptyOutbox
        const missing = new NoteNotFound({ id: note.id })
        for (const [who, where] of [
          [stranger, contact.id],
          [stranger, strangersContact.id],
          [owner, other.id],
          [owner, strangersContact.id]
        ] as const) {
          assert.deepStrictEqual(yield* Effect.flip(notes.findById(who, where, note.id)), missing)
          assert.deepStrictEqual(yield* Effect.flip(notes.saveBody(who, where, note.id, goodbye)), missing)
          assert.deepStrictEqual(yield* Effect.flip(notes.delete(who, where, note.id)), missing)
        }
        const hidden = new ContactNotFound({ id: contact.id })
        assert.deepStrictEqual(yield* Effect.flip(notes.insert(stranger, contact.id, hello)), hidden)
        assert.deepStrictEqual(yield* Effect.flip(notes.listByContact(stranger, contact.id, 0, 100)), hidden)
        assert.strictEqual((yield* notes.findById(owner, contact.id, note.id)).body, hello)
        assert.deepStrictEqual([...(yield* arrivals("broker")), ...(yield* arrivals("upstream"))], [])
      })
    )

    it.effect("sends the dead letters of a note again, in their order, and nobody else's", () =>
      Effect.gen(function* () {
        const [notes, outbox] = [yield* NoteRepository, yield* Outbox]
        const { contact, owner } = yield* someContact
        yield* emptyOutbox
        const [note, other] = [
          yield* notes.insert(owner, contact.id, hello),
          yield* notes.insert(owner, contact.id, hello)
        ]
        yield* bury("broker")
        yield* bury("upstream")
        const saved = yield* notes.saveBody(owner, contact.id, note.id, goodbye)
        yield* bury("upstream")
        const find = (id: NoteId) => Effect.map(notes.findById(owner, contact.id, id), (found) => found.processing)
        assert.deepStrictEqual<unknown>(yield* find(note.id), {
          ...pending,
          status: "dead",
          attempts: 1,
          lastError: "no"
        })

        const resent = yield* notes.redeliver(owner, contact.id, note.id)
        assert.deepStrictEqual({ ...resent }, { ...saved, processing: pending })
        assert.deepStrictEqual(yield* notes.findById(owner, contact.id, note.id), resent)
        assert.strictEqual((yield* find(other.id)).status, "dead")
        const entries = yield* arrivals("upstream")
        assert.deepStrictEqual(entries.map(told), [
          eventOf("rookery.notes.created", note),
          eventOf("rookery.notes.updated", saved)
        ])
        assert.strictEqual((yield* find(note.id)).status, "delivered")
        const dead = (yield* outbox.listDead(100)).map(({ destination, subject }) => [destination, subject])
        assert.sameDeepMembers(dead, [
          ["broker", `contacts/${contact.id}/notes/${note.id}`],
          ["broker", `contacts/${contact.id}/notes/${other.id}`],
          ["upstream", `contacts/${contact.id}/notes/${other.id}`]
        ])
      })
    )

    it.effect("sends nothing again of a note whose latest version is no dead letter", () =>
      Effect.gen(function* () {
        const [notes, outbox] = [yield* NoteRepository, yield* Outbox]
        const { contact, owner } = yield* someContact
        yield* emptyOutbox
        const { id } = yield* notes.insert(owner, contact.id, hello)
        const refused = Effect.flip(notes.redeliver(owner, contact.id, id))
        assert.deepStrictEqual<unknown>(yield* refused, new NoteNotDead({ id, status: "pending" }))
        yield* bury("upstream")
        yield* notes.saveBody(owner, contact.id, id, goodbye)
        assert.deepStrictEqual<unknown>(yield* refused, new NoteNotDead({ id, status: "pending" }))
        yield* arrivals("upstream")
        assert.deepStrictEqual<unknown>(yield* refused, new NoteNotDead({ id, status: "delivered" }))
        assert.strictEqual((yield* notes.findById(owner, contact.id, id)).processing.status, "delivered")
        assert.lengthOf(yield* outbox.listDead(100), 1)
        assert.deepStrictEqual(yield* arrivals("upstream"), [])
      })
    )

    it.effect("sends no note again for anybody but its owner, nor one that is gone", () =>
      Effect.gen(function* () {
        const [contacts, notes, outbox] = [yield* ContactRepository, yield* NoteRepository, yield* Outbox]
        const { contact, owner } = yield* someContact
        const { contact: strangersContact, owner: stranger } = yield* someContact
        const other = yield* contacts.insert(owner, ada)
        yield* emptyOutbox
        const { id } = yield* notes.insert(owner, contact.id, hello)
        yield* bury("upstream")
        const missing = new NoteNotFound({ id })
        for (const [who, where] of [
          [stranger, contact.id],
          [stranger, strangersContact.id],
          [owner, other.id],
          [owner, strangersContact.id]
        ] as const) {
          assert.deepStrictEqual<unknown>(yield* Effect.flip(notes.redeliver(who, where, id)), missing)
        }
        yield* notes.delete(owner, contact.id, id)
        assert.deepStrictEqual<unknown>(yield* Effect.flip(notes.redeliver(owner, contact.id, id)), missing)
        assert.lengthOf(yield* outbox.listDead(100), 1)
      })
    )

    it.effect("sends a note again once, whoever asks for it at once, and whatever is written meanwhile", () =>
      Effect.gen(function* () {
        const notes = yield* NoteRepository
        const { contact, owner } = yield* someContact
        for (let round = 0; round < 10; round++) {
          yield* emptyOutbox
          const { id } = yield* notes.insert(owner, contact.id, hello)
          yield* bury("upstream")
          const resend = Effect.result(notes.redeliver(owner, contact.id, id))
          const isWritten = round % 2 === 1
          const resends = Array.from({ length: 6 }, () => resend)
          const save = notes.saveBody(owner, contact.id, id, goodbye)
          const [results] = yield* Effect.all(
            [Effect.all(resends, { concurrency: "unbounded" }), isWritten ? save : Effect.void],
            { concurrency: "unbounded" }
          )
          const resent = results.filter((result) => result._tag === "Success").length
          assert.isTrue(isWritten ? resent <= 1 : resent === 1, `${resent}`)
          const failures = results.flatMap((result) => (result._tag === "Failure" ? [result.failure] : []))
          for (const failure of failures)
            assert.deepStrictEqual<unknown>(failure, new NoteNotDead({ id, status: "pending" }))
          assert.deepStrictEqual((yield* notes.findById(owner, contact.id, id)).processing, pending)
          const bodies = (yield* arrivals("upstream")).map(({ data }) => data)
          const last = yield* decodeData(bodies.at(-1))
          assert.strictEqual(last.body, isWritten ? goodbye : hello)
          assert.strictEqual((yield* notes.findById(owner, contact.id, id)).processing.status, "delivered")
        }
      })
    )

    it.effect("tells of changes to one note in the order in which they were made", () =>
      Effect.gen(function* () {
        const notes = yield* NoteRepository
        const { contact, owner } = yield* someContact
        const note = yield* notes.insert(owner, contact.id, hello)
        yield* emptyOutbox
        yield* Effect.forEach(
          Array.from({ length: 20 }, (_, index) => NoteBody.make(`version ${index}`)),
          (body) => notes.saveBody(owner, contact.id, note.id, body),
          { concurrency: "unbounded" }
        )
        const events = yield* Effect.forEach(yield* arrivals("broker"), (entry) => decodeData(entry.data))
        assert.lengthOf(events, 20)
        assert.strictEqual(events.at(-1)?.body, (yield* notes.findById(owner, contact.id, note.id)).body)
        const times = events.map((event) => DateTime.toEpochMillis(event.updated_at))
        assert.deepStrictEqual(
          times,
          times.toSorted((one, other) => one - other),
          "time went back"
        )
      })
    )

    it.effect("forgets no note that is added while its contact is deleted", () =>
      Effect.gen(function* () {
        const [contacts, notes] = [yield* ContactRepository, yield* NoteRepository]
        for (let round = 0; round < 5; round++) {
          const { contact, owner } = yield* someContact
          yield* emptyOutbox
          const add = Effect.result(notes.insert(owner, contact.id, hello))
          const adding = Array.from({ length: 8 }, () => add)
          const [results] = yield* Effect.all(
            [
              Effect.all(adding, { concurrency: "unbounded" }),
              Effect.delay(contacts.delete(owner, contact.id), `${round} millis`)
            ],
            { concurrency: "unbounded" }
          )
          const added = results.filter((result) => result._tag === "Success").length
          const events = yield* arrivals("broker")
          const count = (type: NoteEventType) => events.filter((entry) => entry.type === type).length
          assert.strictEqual(count("rookery.notes.created"), added)
          assert.strictEqual(count("rookery.notes.deleted"), added)
        }
      })
    )

    it.effect("adds no note to a contact that is being deleted", () =>
      Effect.gen(function* () {
        const [contacts, notes] = [yield* ContactRepository, yield* NoteRepository]
        const { atomic } = yield* Transaction
        const { contact, owner } = yield* someContact
        yield* emptyOutbox
        const deleted = yield* Deferred.make<void>()
        const deletion = contacts
          .delete(owner, contact.id)
          .pipe(Effect.andThen(Deferred.succeed(deleted, undefined)), Effect.andThen(Effect.sleep("50 millis")), atomic)
        const addition = Effect.andThen(Deferred.await(deleted), Effect.flip(notes.insert(owner, contact.id, hello)))
        const [error] = yield* Effect.all([addition, deletion], { concurrency: "unbounded" })
        assert.deepStrictEqual(error, new ContactNotFound({ id: contact.id }))
        assert.deepStrictEqual(yield* arrivals("broker"), [])
      })
    )

    it.effect("deletes a note that is being added with its contact", () =>
      Effect.gen(function* () {
        const [contacts, notes] = [yield* ContactRepository, yield* NoteRepository]
        const { atomic } = yield* Transaction
        const { contact, owner } = yield* someContact
        yield* emptyOutbox
        const added = yield* Deferred.make<void>()
        const addition = notes
          .insert(owner, contact.id, hello)
          .pipe(Effect.andThen(Deferred.succeed(added, undefined)), Effect.andThen(Effect.sleep("50 millis")), atomic)
        const deletion = Effect.andThen(Deferred.await(added), contacts.delete(owner, contact.id))
        yield* Effect.all([addition, deletion], { concurrency: "unbounded", discard: true })
        const types = (yield* arrivals("broker")).map((entry) => entry.type)
        assert.deepStrictEqual(types, ["rookery.notes.created", "rookery.notes.deleted"])
      })
    )

    it.effect.prop(
      "keeps bodies to the letter, and tells them so",
      { body: textsOf(NoteBody) },
      ({ body }) =>
        Effect.gen(function* () {
          const notes = yield* NoteRepository
          const { contact, owner } = yield* someContact
          yield* emptyOutbox
          const note = yield* notes.insert(owner, contact.id, body)
          assert.strictEqual(note.body, body)
          assert.deepStrictEqual((yield* arrivals("broker")).map(told), [eventOf("rookery.notes.created", note)])
        }),
      { arbitrary: { runs: 40 } }
    )

    it.effect("takes a body of the greatest length", () =>
      Effect.gen(function* () {
        const notes = yield* NoteRepository
        const { contact, owner } = yield* someContact
        const body = NoteBody.make("\u{1F3F4}".repeat(50_000))
        const { id } = yield* notes.insert(owner, contact.id, body)
        assert.strictEqual((yield* notes.findById(owner, contact.id, id)).body, body)
      })
    )
  })

  layer(adapter(false), { excludeTestServices: true })(`NoteRepository without an upstream: ${name}`, (it) => {
    it.effect("tells the event stream alone", () =>
      Effect.gen(function* () {
        const notes = yield* NoteRepository
        const { contact, owner } = yield* someContact
        yield* emptyOutbox
        const note = yield* notes.insert(owner, contact.id, hello)
        const saved = yield* notes.saveBody(owner, contact.id, note.id, goodbye)
        yield* notes.delete(owner, contact.id, note.id)
        const off = { status: "off", attempts: 0, lastError: null, processedAt: null } as const
        assert.deepStrictEqual([note.processing, saved.processing], [off, off])
        assert.deepStrictEqual((yield* arrivals("broker")).map(told), [
          eventOf("rookery.notes.created", note),
          eventOf("rookery.notes.updated", saved),
          eventOf("rookery.notes.deleted", saved)
        ])
        assert.deepStrictEqual(yield* arrivals("upstream"), [])
      })
    )
  })
}
