import { assert, layer } from "@effect/vitest"
import { DateTime, Duration, Effect, type Layer, Option } from "effect"
import type { AccountRepository } from "../../src/domain/accounts/AccountRepository.ts"
import type { ContactRepository } from "../../src/domain/contacts/ContactRepository.ts"
import { NoteBody } from "../../src/domain/contacts/Note.ts"
import { NoteRepository } from "../../src/domain/contacts/NoteRepository.ts"
import { type Destination, Outbox } from "../../src/domain/events/Outbox.ts"
import { Transaction } from "../../src/domain/shared/Transaction.ts"
import { emptyOutbox, someContact } from "./Fixtures.ts"

type Ports = AccountRepository | ContactRepository | NoteRepository | Outbox | Transaction

const long = Duration.seconds(30)
const short = Duration.millis(60)

/** Every Outbox must pass this together with the notes whose events it holds, whatever it stores them in. */
export const outboxContract = <E>(name: string, adapter: Layer.Layer<Ports, E>) =>
  layer(adapter, { excludeTestServices: true })(`Outbox: ${name}`, (it) => {
    /** An empty outbox, and what to fill it with. */
    const setting = Effect.gen(function* () {
      yield* emptyOutbox
      const [notes, outbox] = [yield* NoteRepository, yield* Outbox]
      const { contact, owner } = yield* someContact
      const add = notes.insert(owner, contact.id, NoteBody.make("new"))
      const rewrite = (id: Parameters<typeof notes.saveBody>[2], body: string) =>
        notes.saveBody(owner, contact.id, id, NoteBody.make(body))
      const processing = (id: Parameters<typeof notes.findById>[2]) =>
        Effect.map(notes.findById(owner, contact.id, id), (note) => note.processing)
      const subject = (id: number) => `contacts/${contact.id}/notes/${id}`
      const remove = (id: Parameters<typeof notes.delete>[2]) => notes.delete(owner, contact.id, id)
      const claim = (
        holder: string,
        options?: {
          readonly destination?: Destination
          readonly limit?: number
          readonly lease?: Duration.Duration
          readonly fresh?: boolean
        }
      ) => outbox.claim({ destination: "upstream", holder, limit: 100, lease: long, ...options })
      return { outbox, add, rewrite, remove, processing, subject, claim }
    })
    const depthOf = (destination: Destination) =>
      Effect.map(
        Outbox.use((outbox) => outbox.depth),
        (depths) => depths.find((depth) => depth.destination === destination)
      )
    const ids = (entries: ReadonlyArray<{ readonly id: number }>) => entries.map((entry) => entry.id)
    const subjects = (entries: ReadonlyArray<{ readonly subject: string }>) => entries.map((entry) => entry.subject)

    it.effect("gives each entry to one holder, oldest first and no more than asked for", () =>
      Effect.gen(function* () {
        const { add, claim, outbox, subject } = yield* setting
        const notes = [yield* add, yield* add, yield* add]
        const [one, other] = [yield* claim("one", { limit: 2 }), yield* claim("other")]
        const expected = notes.map((note) => subject(note.id))
        assert.deepStrictEqual([...subjects(one), ...subjects(other)], expected)
        assert.lengthOf(one, 2)
        assert.deepStrictEqual(yield* claim("third"), [])
        yield* outbox.complete("one", ids(one))
        yield* outbox.complete("other", ids(other))
      })
    )

    it.effect("keeps the destinations apart", () =>
      Effect.gen(function* () {
        const { add, claim, outbox } = yield* setting
        yield* add
        const upstream = yield* claim("holder")
        yield* outbox.complete("holder", ids(upstream))
        const broker = yield* claim("holder", { destination: "broker" })
        assert.lengthOf(broker, 1)
        assert.notDeepEqual(ids(broker), ids(upstream))
        assert.deepStrictEqual(broker[0]?.eventId, upstream[0]?.eventId)
        yield* outbox.complete("holder", ids(broker))
      })
    )

    it.effect("gives many claimers at once nothing twice", () =>
      Effect.gen(function* () {
        const { add, claim, outbox } = yield* setting
        yield* Effect.replicateEffect(add, 40, { concurrency: 8, discard: true })
        const claims = Array.from({ length: 10 }, (_, index) => claim(`holder ${index}`, { limit: 7 }))
        const claimed = (yield* Effect.all(claims, { concurrency: "unbounded" })).map(ids)
        const rest = ids(yield* claim("rest"))
        const all = [...claimed.flat(), ...rest]
        assert.strictEqual(all.length, 40)
        assert.strictEqual(new Set(all).size, 40)
        yield* Effect.forEach(claimed, (taken, index) => outbox.complete(`holder ${index}`, taken))
        yield* outbox.complete("rest", rest)
      })
    )

    it.effect("gives the entries of one subject one after the other", () =>
      Effect.gen(function* () {
        const { add, claim, outbox, rewrite } = yield* setting
        const { id } = yield* add
        yield* rewrite(id, "second")
        yield* rewrite(id, "third")
        for (const body of ["new", "second", "third"]) {
          const [entry, ...more] = yield* claim("holder")
          assert.deepStrictEqual(more, [])
          assert.propertyVal(entry?.data, "body", body)
          assert.deepStrictEqual(yield* claim("other"), [])
          yield* outbox.complete("holder", ids(entry === undefined ? [] : [entry]))
        }
        assert.deepStrictEqual(yield* claim("holder"), [])
      })
    )

    it.effect("lets no subject wait for another", () =>
      Effect.gen(function* () {
        const { add, claim, outbox, rewrite, subject } = yield* setting
        const [slow, quick] = [yield* add, yield* add]
        yield* rewrite(slow.id, "second")
        const first = yield* claim("holder", { limit: 1 })
        assert.deepStrictEqual(subjects(first), [subject(slow.id)])
        const second = yield* claim("holder")
        assert.deepStrictEqual(subjects(second), [subject(quick.id)])
        yield* outbox.reschedule("holder", first[0]?.id ?? 0, short, "not now")
        assert.deepStrictEqual(yield* claim("holder"), [])
        yield* outbox.complete("holder", ids(second))
      })
    )

    it.effect("lets another take over when a lease runs out, and no sooner", () =>
      Effect.gen(function* () {
        const { add, claim, outbox } = yield* setting
        yield* add
        const dead = yield* claim("dead", { lease: Duration.millis(150) })
        assert.deepStrictEqual(yield* claim("heir"), [])
        yield* Effect.sleep("200 millis")
        const inherited = yield* claim("heir")
        assert.deepStrictEqual(ids(inherited), ids(dead))
        assert.deepStrictEqual([dead[0]?.attempts, inherited[0]?.attempts], [1, 2])
        yield* outbox.complete("heir", ids(inherited))
      })
    )

    it.effect("keeps a lease that is renewed", () =>
      Effect.gen(function* () {
        const { add, claim, outbox } = yield* setting
        yield* add
        const held = yield* claim("holder", { lease: Duration.millis(100) })
        yield* outbox.renew("holder", ids(held), long)
        yield* outbox.renew("thief", ids(held), Duration.zero)
        yield* Effect.sleep("150 millis")
        assert.deepStrictEqual(yield* claim("other"), [])
        yield* outbox.complete("holder", ids(held))
      })
    )

    it.effect("lets nobody settle what is another's by now", () =>
      Effect.gen(function* () {
        const { add, claim, outbox, processing } = yield* setting
        const { id: note } = yield* add
        const [late] = yield* claim("late", { lease: Duration.zero })
        const [held] = yield* claim("heir")
        const id = late?.id ?? 0
        assert.strictEqual(held?.id, id)
        yield* outbox.complete("late", [id])
        yield* outbox.reschedule("late", id, Duration.zero, "late")
        yield* outbox.release("late", [id], Duration.zero)
        yield* outbox.renew("late", [id], Duration.zero)
        yield* outbox.bury("late", id, "late")
        assert.deepStrictEqual(yield* claim("third"), [])
        assert.deepStrictEqual(yield* outbox.listDead(10), [])
        assert.deepStrictEqual(yield* processing(note), {
          status: "pending",
          attempts: 0,
          lastError: null,
          processedAt: null
        })
        yield* outbox.complete("heir", [id])
        assert.strictEqual((yield* processing(note)).status, "delivered")
        // What has been settled can't be settled again.
        yield* outbox.reschedule("heir", id, Duration.zero, "again")
        assert.deepStrictEqual(yield* claim("third"), [])
        assert.strictEqual((yield* processing(note)).status, "delivered")
      })
    )

    it.effect("tells first tries from later ones", () =>
      Effect.gen(function* () {
        const { add, claim, outbox } = yield* setting
        yield* add
        yield* add
        const tried = yield* claim("holder", { limit: 1, fresh: true })
        assert.deepStrictEqual(yield* claim("holder", { fresh: false }), [])
        yield* outbox.reschedule("holder", tried[0]?.id ?? 0, Duration.zero, "no")
        const later = yield* claim("holder", { fresh: false })
        assert.deepStrictEqual(ids(later), ids(tried))
        yield* outbox.reschedule("holder", tried[0]?.id ?? 0, Duration.zero, "no")
        const fresh = yield* claim("holder", { fresh: true })
        assert.lengthOf(fresh, 1)
        assert.notDeepEqual(ids(fresh), ids(tried))
        yield* outbox.complete("holder", ids(fresh))
      })
    )

    it.effect("takes back what is released as if it had not been tried", () =>
      Effect.gen(function* () {
        const { add, claim, outbox, processing } = yield* setting
        const { id: note } = yield* add
        const before = yield* processing(note)
        const held = yield* claim("holder")
        yield* outbox.release("holder", ids(held), Duration.millis(120))
        assert.deepStrictEqual(yield* claim("holder"), [])
        assert.deepStrictEqual(yield* processing(note), before)
        yield* Effect.sleep("150 millis")
        const again = yield* claim("holder", { fresh: true })
        assert.deepStrictEqual(ids(again), ids(held))
        assert.strictEqual(again[0]?.attempts, 1)
        yield* outbox.release("holder", ids(again), Duration.zero)
        assert.deepStrictEqual(ids(yield* claim("other")), ids(held))
        yield* outbox.complete("other", ids(held))
      })
    )

    it.effect("keeps the processing with the note through failures to the end", () =>
      Effect.gen(function* () {
        const { add, claim, outbox, processing } = yield* setting
        const { id: note } = yield* add
        const [entry] = yield* claim("holder")
        const id = entry?.id ?? 0
        yield* outbox.reschedule("holder", id, Duration.zero, "503 try later")
        const failed = { status: "pending", attempts: 1, lastError: "503 try later", processedAt: null }
        assert.deepStrictEqual<unknown>(yield* processing(note), failed)
        yield* claim("holder")
        yield* outbox.complete("holder", [id])
        const { processedAt, ...delivered } = yield* processing(note)
        assert.deepStrictEqual<unknown>(delivered, { status: "delivered", attempts: 2, lastError: null })
        const age = processedAt === null ? Infinity : Date.now() - DateTime.toEpochMillis(processedAt)
        assert.isBelow(Math.abs(age), 10_000)
      })
    )

    it.effect("lets the event stream say nothing of a note's processing", () =>
      Effect.gen(function* () {
        const { add, claim, outbox, processing } = yield* setting
        const { id: note } = yield* add
        const before = yield* processing(note)
        const broker = { destination: "broker" } as const
        const [entry] = yield* claim("holder", broker)
        const id = entry?.id ?? 0
        yield* outbox.reschedule("holder", id, Duration.zero, "away")
        yield* claim("holder", broker)
        yield* outbox.bury("holder", id, "too large")
        yield* outbox.redeliver([id])
        yield* claim("holder", broker)
        yield* outbox.complete("holder", [id])
        assert.deepStrictEqual(yield* processing(note), before)
      })
    )

    it.effect("lets an earlier version say nothing of the latest", () =>
      Effect.gen(function* () {
        const { add, claim, outbox, processing, rewrite } = yield* setting
        const { id: note } = yield* add
        const first = yield* claim("holder")
        yield* rewrite(note, "second")
        const fresh = yield* processing(note)
        assert.deepStrictEqual<unknown>(fresh, { status: "pending", attempts: 0, lastError: null, processedAt: null })
        yield* outbox.bury("holder", first[0]?.id ?? 0, "rejected")
        assert.deepStrictEqual(yield* processing(note), fresh)
        const second = yield* claim("holder")
        yield* outbox.complete("holder", ids(second))
        assert.strictEqual((yield* processing(note)).status, "delivered")
        yield* outbox.redeliver("all")
        assert.strictEqual((yield* processing(note)).status, "delivered")
      })
    )

    it.effect("settles the event of a note that is gone", () =>
      Effect.gen(function* () {
        const { add, claim, outbox, remove } = yield* setting
        const { id: note } = yield* add
        const [entry] = yield* claim("holder")
        yield* remove(note)
        yield* outbox.bury("holder", entry?.id ?? 0, "rejected")
        assert.strictEqual(yield* outbox.redeliver("all"), 1)
        yield* outbox.complete("holder", ids(yield* claim("holder")))
        assert.isTrue(Option.isNone(yield* outbox.untilDue("upstream")))
      })
    )

    it.effect("buries what is given up, and lets the next of its subject pass", () =>
      Effect.gen(function* () {
        const { add, claim, outbox, processing, rewrite } = yield* setting
        const { id: note } = yield* add
        const [entry] = yield* claim("holder")
        const id = entry?.id ?? 0
        yield* outbox.bury("holder", id, "400 no such thing")
        assert.deepStrictEqual<unknown>(yield* processing(note), {
          status: "dead",
          attempts: 1,
          lastError: "400 no such thing",
          processedAt: null
        })
        assert.deepStrictEqual(yield* claim("holder"), [])
        const [letter, ...more] = yield* outbox.listDead(10)
        assert.deepStrictEqual(more, [])
        assert.deepStrictEqual({ ...letter }, { ...letter, ...entry, lastError: "400 no such thing" })
        assert.isDefined(letter?.diedAt)
        yield* rewrite(note, "second")
        const second = yield* claim("holder")
        assert.lengthOf(second, 1)
        yield* outbox.complete("holder", ids(second))
      })
    )

    it.effect("sends dead letters again on demand, as if they were new", () =>
      Effect.gen(function* () {
        const { add, claim, outbox, processing } = yield* setting
        const notes = [yield* add, yield* add, yield* add].map((note) => note.id)
        const entries = ids(yield* claim("holder"))
        for (const id of entries) {
          yield* outbox.bury("holder", id, "no")
          yield* Effect.sleep("3 millis")
        }
        const newestFirst = entries.toReversed()
        assert.deepStrictEqual(ids(yield* outbox.listDead(10)), newestFirst)
        assert.deepStrictEqual(ids(yield* outbox.listDead(2)), newestFirst.slice(0, 2))
        assert.strictEqual(yield* outbox.redeliver([]), 0)
        assert.strictEqual(yield* outbox.redeliver([entries[0] ?? 0, entries[0] ?? 0, 2 ** 40]), 1)
        assert.strictEqual(yield* outbox.redeliver([entries[0] ?? 0]), 0)
        const [note = notes[0]] = notes
        if (note === undefined) return assert.fail("no note")
        const anew = { status: "pending", attempts: 0, lastError: null, processedAt: null }
        assert.deepStrictEqual<unknown>(yield* processing(note), anew)
        const again = yield* claim("holder", { fresh: true })
        assert.deepStrictEqual(ids(again), entries.slice(0, 1))
        assert.strictEqual(again[0]?.attempts, 1)
        assert.strictEqual(yield* outbox.redeliver("all"), 2)
        assert.deepStrictEqual(yield* outbox.listDead(10), [])
        yield* outbox.complete("holder", [...ids(again), ...ids(yield* claim("holder"))])
      })
    )

    it.effect("says how long it is until there is something to claim", () =>
      Effect.gen(function* () {
        const { add, claim, outbox, rewrite } = yield* setting
        const wait = Effect.map(outbox.untilDue("upstream"), Option.map(Duration.toMillis))
        const within = (millis: Option.Option<number>, low: number, high: number) => {
          const value = Option.getOrElse(millis, () => -1)
          assert.isAtLeast(value, low)
          assert.isAtMost(value, high)
        }
        assert.deepStrictEqual(yield* wait, Option.none())
        const { id: note } = yield* add
        assert.deepStrictEqual(yield* wait, Option.some(0))
        // What waits for an earlier one of its subject can't be claimed, however long it has been there.
        yield* rewrite(note, "second")
        const [entry] = yield* claim("holder", { lease: Duration.seconds(20) })
        within(yield* wait, 15_000, 20_000)
        yield* outbox.renew("holder", ids(entry === undefined ? [] : [entry]), Duration.minutes(40))
        within(yield* wait, 2_390_000, 2_400_000)
        yield* add
        assert.deepStrictEqual(yield* wait, Option.some(0))
        const [quick] = yield* claim("holder")
        yield* outbox.bury("holder", quick?.id ?? 0, "no")
        within(yield* wait, 2_380_000, 2_400_000)
        yield* outbox.reschedule("holder", entry?.id ?? 0, Duration.seconds(1), "no")
        within(yield* wait, 500, 1000)
      })
    )

    it.effect("has something to claim once untilDue has passed", () =>
      Effect.gen(function* () {
        const { add, claim, outbox } = yield* setting
        yield* add
        for (let round = 0; round < 10; round++) {
          let entries = yield* claim("holder", { lease: Duration.millis(10) })
          // A timer may be a millisecond early by the store's clock, which then says so.
          for (let early = 0; early < 3 && entries.length === 0; early++) {
            const wait = Option.getOrThrow(yield* outbox.untilDue("upstream"))
            yield* Effect.sleep(wait)
            entries = yield* claim("holder", { lease: Duration.millis(10) })
          }
          assert.lengthOf(entries, 1, `round ${round}`)
          yield* Effect.sleep(Option.getOrThrow(yield* outbox.untilDue("upstream")))
        }
        yield* emptyOutbox
      })
    )

    // Within a transaction the clock of a database stands still: whatever is due a moment later is not due at all.
    it.effect("finds at once what was written or released", () =>
      Effect.gen(function* () {
        const { add, claim, outbox } = yield* setting
        const { atomic } = yield* Transaction
        for (let round = 0; round < 12; round++) {
          const entries = yield* atomic(Effect.andThen(add, claim("holder")))
          assert.lengthOf(entries, 1, `round ${round}`)
          const release = outbox.release("holder", ids(entries), Duration.zero)
          assert.lengthOf(yield* atomic(Effect.andThen(release, claim("holder"))), 1, `round ${round}, released`)
          yield* outbox.bury("holder", entries[0]?.id ?? 0, "no")
          assert.lengthOf(yield* atomic(Effect.andThen(outbox.redeliver("all"), claim("holder"))), 1, `${round}, dead`)
          yield* outbox.complete("holder", ids(entries))
        }
      })
    )

    it.effect("knows its depth", () =>
      Effect.gen(function* () {
        const { add, claim, outbox } = yield* setting
        const empty = yield* outbox.depth
        assert.deepStrictEqual<unknown>(
          empty.map((row) => ({ ...row, oldest: Duration.toMillis(row.oldest) })),
          ["blobs", "broker", "mail", "sms", "upstream"].map((destination) => ({
            destination,
            pending: 0,
            dead: 0,
            oldest: 0
          }))
        )
        yield* add
        yield* Effect.sleep("50 millis")
        yield* add
        yield* add
        const [entry] = yield* claim("holder", { limit: 1 })
        yield* outbox.bury("holder", entry?.id ?? 0, "no")
        const [broker, upstream] = [yield* depthOf("broker"), yield* depthOf("upstream")]
        assert.deepStrictEqual([broker?.pending, broker?.dead], [3, 0])
        assert.deepStrictEqual([upstream?.pending, upstream?.dead], [2, 1])
        assert.isAtLeast(Duration.toMillis(broker?.oldest ?? Duration.zero), 45)
        assert.isBelow(Duration.toMillis(broker?.oldest ?? Duration.infinity), 10_000)
      })
    )

    it.effect("takes any text for a reason, and no more of it than it needs", () =>
      Effect.gen(function* () {
        const { add, claim, outbox, processing } = yield* setting
        const { id: note } = yield* add
        const [entry] = yield* claim("holder")
        yield* outbox.reschedule("holder", entry?.id ?? 0, Duration.zero, "\u0000 \ud800 'quoted'")
        assert.strictEqual((yield* processing(note)).lastError, "\ufffd \ufffd 'quoted'")
        yield* claim("holder")
        yield* outbox.bury("holder", entry?.id ?? 0, "x".repeat(1_000_000))
        assert.strictEqual((yield* processing(note)).lastError, "x".repeat(1000))
      })
    )

    it.effect("leaves a lease and nothing else behind a claim that was cut off", () =>
      Effect.gen(function* () {
        const { add, claim, outbox } = yield* setting
        yield* Effect.replicateEffect(add, 10, { discard: true })
        for (let round = 0; round < 10; round++) {
          yield* claim(`cut off ${round}`, { limit: 5, lease: short }).pipe(Effect.timeoutOption(`${round % 3} millis`))
        }
        yield* Effect.sleep("120 millis")
        const all = yield* claim("heir")
        assert.lengthOf(all, 10)
        yield* outbox.complete("heir", ids(all))
        assert.strictEqual((yield* depthOf("upstream"))?.pending, 0)
      })
    )

    it.effect("settles many at once while their notes are changed and deleted", () =>
      Effect.gen(function* () {
        const { add, claim, outbox, remove, rewrite } = yield* setting
        const notes = yield* Effect.replicateEffect(add, 30)
        const entries = ids(yield* claim("holder"))
        yield* Effect.all(
          [
            outbox.complete("holder", entries.toReversed()),
            outbox.renew("holder", entries, long),
            outbox.complete("holder", entries),
            Effect.forEach(notes.slice(0, 10), (note) => rewrite(note.id, "second"), { concurrency: 5 }),
            Effect.forEach(notes.slice(20), (note) => remove(note.id), { concurrency: 5 })
          ],
          { concurrency: "unbounded", discard: true }
        )
        const updated = yield* claim("holder")
        assert.lengthOf(updated, 10)
        yield* outbox.complete("holder", ids(updated))
      })
    )
  })
