import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Metric, Scope } from "effect"
import { DeadLetters } from "../../../src/application/events/DeadLetters.ts"
import { EventRelay } from "../../../src/application/events/EventRelay.ts"
import type { CloudEvent } from "../../../src/domain/events/CloudEvent.ts"
import { EventHandover } from "../../../src/domain/events/EventHandover.ts"
import { EventRefused, PublisherUnavailable } from "../../../src/domain/events/EventPublisher.ts"
import { Outbox } from "../../../src/domain/events/Outbox.ts"
import { advance, Destinations, failing, Publisher, RelayWorld, ToldLogs } from "./RelayWorld.ts"

const source = "https://rookery.example.com"
const Relay = EventRelay({ source })

const TestWorld = Layer.mergeAll(Publisher, DeadLetters.layer, ToldLogs).pipe(
  Layer.provideMerge(Layer.mergeAll(RelayWorld.layer("broker"), Destinations.layer))
)

const test = <A, E>(name: string, effect: Effect.Effect<A, E, Layer.Success<typeof TestWorld> | Scope.Scope>) =>
  it.effect(name, () => effect.pipe(Effect.provide(TestWorld)))

const start = Layer.build(Relay)
const away = Effect.fail(new PublisherUnavailable({ reason: "gone" }))
const idsOf = (events: ReadonlyArray<CloudEvent>) => events.map((event) => event.id)

describe("EventRelay", () => {
  test(
    "is woken at once by a write, without a poll",
    Effect.gen(function* () {
      const { commit, pending } = yield* RelayWorld
      const { arrived } = yield* Destinations
      yield* start
      yield* advance("300 millis")
      const ids = yield* commit(1)
      yield* advance(0)
      assert.deepStrictEqual(idsOf(arrived), ids)
      assert.isEmpty(yield* pending)
    })
  )

  test(
    "publishes CloudEvents of this deployment",
    Effect.gen(function* () {
      const { commit } = yield* RelayWorld
      const { arrived } = yield* Destinations
      const [id] = yield* commit(7)
      yield* start
      yield* advance(0)
      assert.deepInclude(arrived[0], {
        specversion: "1.0",
        id,
        source,
        type: "rookery.notes.updated",
        subject: "contacts/1/notes/7",
        data: { id: 7 }
      })
    })
  )

  test(
    "finds within a second what another instance committed",
    Effect.gen(function* () {
      const { commit } = yield* RelayWorld
      const { arrived } = yield* Destinations
      yield* start
      yield* advance("10 seconds")
      const ids = yield* commit(1, 1, true)
      yield* advance("1 second")
      assert.deepStrictEqual(idsOf(arrived), ids)
    })
  )

  test(
    "keeps the order of each note, however long each event takes, and many notes under way at once",
    Effect.gen(function* () {
      const { commit } = yield* RelayWorld
      const seen = yield* Destinations
      let under = 0
      let most = 0
      seen.answer = (event) =>
        Effect.gen(function* () {
          most = Math.max(most, ++under)
          yield* Effect.sleep((Number(event.id.slice(-2)) * 37) % 400)
          under -= 1
        })
      const ids = yield* Effect.forEach([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], (note) => commit(note, 10))
      yield* start
      yield* advance("1 minute")
      for (const [index, ofNote] of ids.entries()) {
        const arrived = seen.arrived.filter((event) => event.subject.endsWith(`/${index + 1}`))
        assert.deepStrictEqual(idsOf(arrived), ofNote)
      }
      assert.strictEqual(most, 10)
    })
  )

  test(
    "gives up an event that the stream refuses, and goes on with the note's next",
    Effect.gen(function* () {
      const { commit, dead } = yield* RelayWorld
      const seen = yield* Destinations
      const [first, second] = yield* commit(1, 2)
      const others = yield* commit(2)
      seen.answer = (event) =>
        event.id === first ? Effect.fail(new EventRefused({ reason: "too large" })) : Effect.void
      yield* start
      yield* advance("1 second")
      assert.sameMembers(idsOf(seen.arrived), [...others, String(second)])
      assert.deepStrictEqual(yield* dead, [first])
      assert.isTrue(seen.told.some((line) => line.includes(String(first)) && line.includes("too large")))

      seen.answer = () => Effect.void
      const letters = yield* DeadLetters
      const [letter] = yield* letters.list(10)
      assert.strictEqual(letter?.eventId, first)
      assert.strictEqual(letter?.lastError, "too large")
      assert.strictEqual(yield* letters.redeliver("all"), 1)
      yield* advance(0)
      assert.include(idsOf(seen.arrived), first)
    })
  )

  test(
    "outlives an event that breaks the adapter",
    Effect.gen(function* () {
      const { commit, dead } = yield* RelayWorld
      const seen = yield* Destinations
      const [broken] = yield* commit(1)
      const others = yield* commit(2)
      seen.answer = (event) => (event.id === broken ? Effect.die(new Error("bug")) : Effect.void)
      yield* start
      yield* advance("1 second")
      assert.deepStrictEqual(idsOf(seen.arrived), others)
      assert.deepStrictEqual(yield* dead, [broken])
    })
  )

  test(
    "brings everything, in order, after the stream was away for an hour, asks now and then, and says so once",
    Effect.gen(function* () {
      const { attempts, commit, dead, pending } = yield* RelayWorld
      const seen = yield* Destinations
      yield* start
      seen.answer = () => Effect.delay(away, "1 milli")
      const ids: Array<ReadonlyArray<string>> = []
      for (let minute = 0; minute < 60; minute++) {
        for (let note = 1; note <= 5; note++) ids.push(yield* commit(note, 2))
        yield* advance("1 minute")
      }
      assert.isEmpty(seen.arrived)
      assert.isEmpty(yield* dead)
      assert.lengthOf(yield* pending, 600)
      assert.strictEqual(yield* attempts(String(ids[0]?.[0])), 0)
      // Five at once at the first, then one each 4 to 5 seconds.
      assert.isBelow(seen.tried.length, 1000)
      assert.isAbove(seen.tried.length, 700)
      assert.deepStrictEqual(seen.told, ["The event stream is away, trying until it is back: gone"])

      seen.answer = () => Effect.void
      yield* advance("6 seconds")
      assert.isEmpty(yield* pending)
      for (let note = 1; note <= 5; note++) {
        const arrived = seen.arrived.filter((event) => event.subject.endsWith(`/${note}`))
        assert.deepStrictEqual(
          idsOf(arrived),
          ids.flatMap((one, index) => (index % 5 === note - 1 ? one : []))
        )
      }
      assert.deepStrictEqual(seen.told, [
        "The event stream is away, trying until it is back: gone",
        "The event stream is back"
      ])
    })
  )

  test(
    "sends out no further event of a batch once the stream is found away, and keeps those that were on their way",
    Effect.gen(function* () {
      const { commit, pending } = yield* RelayWorld
      const seen = yield* Destinations
      const ids = yield* Effect.forEach(Array.from({ length: 200 }), (_, note) => commit(note + 1))
      const gone = String(ids[10]?.[0])
      seen.answer = (event) => (event.id === gone ? Effect.delay(away, "40 millis") : Effect.sleep("50 millis"))
      yield* start
      yield* advance("60 millis")
      assert.strictEqual(seen.tried.length, 64)
      assert.lengthOf(seen.arrived, 63)
      assert.lengthOf(yield* pending, 137)
    })
  )

  test(
    "has no event published twice that takes longer than a lease",
    Effect.gen(function* () {
      const { commit, pending } = yield* RelayWorld
      const seen = yield* Destinations
      seen.answer = () => Effect.sleep("1 minute")
      yield* commit(1)
      yield* start
      yield* Layer.build(Layer.fresh(Relay))
      yield* advance("2 minutes")
      assert.lengthOf(seen.tried, 1)
      assert.isEmpty(yield* pending)
    })
  )

  test(
    "takes over from an instance that died, within seconds",
    Effect.gen(function* () {
      const { commit, pending } = yield* RelayWorld
      const seen = yield* Destinations
      const dying = { dead: false }
      seen.answer = () => Effect.never
      // Its scope is never closed: nothing is cleaned up after a process that was killed.
      yield* Layer.buildWithScope(Layer.fresh(Relay).pipe(Layer.provide(failing(dying))), yield* Scope.make())
      const ids = yield* commit(1, 2)
      yield* advance("10 seconds")
      assert.lengthOf(seen.tried, 1)

      dying.dead = true
      seen.answer = () => Effect.void
      yield* start
      yield* advance("3 seconds")
      assert.isEmpty(seen.arrived, "its lease still holds")
      yield* advance("3 seconds")
      assert.deepStrictEqual(idsOf(seen.arrived), ids)
      assert.isEmpty(yield* pending)
    })
  )

  test(
    "brings what is handed to it without claiming it, at once, and says so soon, of many together",
    Effect.gen(function* () {
      const { pending, write } = yield* RelayWorld
      const seen = yield* Destinations
      const calls = { claims: 0, completions: 0 }
      const counting = Layer.effect(
        Outbox,
        Outbox.useSync((outbox) =>
          Outbox.of({
            ...outbox,
            claim: (options) => Effect.suspend(() => (calls.claims++, outbox.claim(options))),
            complete: (...args) => Effect.suspend(() => (calls.completions++, outbox.complete(...args)))
          })
        )
      )
      yield* Layer.build(Relay.pipe(Layer.provide(counting)))
      yield* advance("100 millis")
      const before = { ...calls }
      const written = yield* Effect.forEach(Array.from({ length: 100 }), (_, note) => write(note + 1))
      assert.isTrue(written.every(({ isHanded }) => isHanded))
      yield* advance(0)
      assert.deepStrictEqual(
        idsOf(seen.arrived),
        written.map(({ id }) => id)
      )
      yield* advance("20 millis")
      assert.isEmpty(yield* pending)
      assert.strictEqual(calls.claims, before.claims)
      assert.isAtMost(calls.completions - before.completions, 2)
      yield* advance("1 minute")
      assert.lengthOf(seen.arrived, 100)
    })
  )

  test(
    "keeps the order of what is handed to it and of what it claims",
    Effect.gen(function* () {
      const { commit, pending, write } = yield* RelayWorld
      const seen = yield* Destinations
      seen.answer = () => Effect.sleep("300 millis")
      yield* start
      yield* advance("100 millis")
      const { id } = yield* write(1)
      const later = yield* commit(1, 2)
      yield* advance("5 seconds")
      assert.deepStrictEqual(idsOf(seen.arrived), [id, ...later])
      assert.isEmpty(yield* pending)
    })
  )

  test(
    "has what is handed to it wait in the outbox while the stream is away, and takes more when it is back",
    Effect.gen(function* () {
      const { attempts, commit, pending, write } = yield* RelayWorld
      const seen = yield* Destinations
      yield* start
      yield* advance("100 millis")
      seen.answer = () => Effect.delay(away, "1 milli")
      const handed = yield* Effect.forEach([1, 2, 3], (note) => write(note))
      yield* advance("1 second")
      const waiting = yield* write(4)
      assert.isFalse(waiting.isHanded)
      const next = yield* commit(1)
      yield* advance("1 minute")
      assert.isEmpty(seen.arrived)
      assert.lengthOf(yield* pending, 5)
      assert.strictEqual(yield* attempts(waiting.id), 0)
      seen.answer = () => Effect.void
      yield* advance("6 seconds")
      const all = [...handed, waiting].map(({ id }) => id).concat(next)
      assert.sameMembers(idsOf(seen.arrived), all)
      assert.deepStrictEqual(idsOf(seen.arrived.filter(({ subject }) => subject.endsWith("/1"))), [
        handed[0]?.id ?? "",
        ...next
      ])
      assert.isEmpty(yield* pending)
      assert.isTrue((yield* write(5)).isHanded)
      assert.lengthOf(seen.told, 2)
    })
  )

  test(
    "gives up what is handed to it and refused, tried once",
    Effect.gen(function* () {
      const { dead, write } = yield* RelayWorld
      const seen = yield* Destinations
      seen.answer = () => Effect.fail(new EventRefused({ reason: "too large" }))
      yield* start
      yield* advance("100 millis")
      const { id } = yield* write(1)
      yield* advance("1 second")
      assert.deepStrictEqual(yield* dead, [id])
      const letters = yield* DeadLetters
      assert.strictEqual((yield* letters.list(1))[0]?.attempts, 1)
    })
  )

  test(
    "keeps what was handed to it, however long it takes, and takes no more than it can hold",
    Effect.gen(function* () {
      const { pending, write } = yield* RelayWorld
      const seen = yield* Destinations
      seen.answer = () => Effect.sleep("6 seconds")
      yield* start
      yield* Layer.build(Layer.fresh(Relay.pipe(Layer.provide(Layer.fresh(EventHandover.layer)))))
      yield* advance("100 millis")
      const written = yield* Effect.forEach(Array.from({ length: 4100 }), (_, note) => write(note + 1))
      assert.strictEqual(written.filter(({ isHanded }) => isHanded).length, 4096)
      yield* advance("7 minutes")
      assert.lengthOf(seen.tried, 4100)
      assert.isEmpty(yield* pending)
    })
  )

  test(
    "brings within seconds what an instance committed and was killed before it could hand it over",
    Effect.gen(function* () {
      const { pending, write } = yield* RelayWorld
      const seen = yield* Destinations
      const dying = { dead: false }
      yield* Layer.buildWithScope(Layer.fresh(Relay).pipe(Layer.provide(failing(dying))), yield* Scope.make())
      yield* advance("100 millis")
      const { id, isHanded } = yield* write(1, true)
      assert.isTrue(isHanded)
      dying.dead = true
      yield* start
      yield* advance("4 seconds")
      assert.isEmpty(seen.arrived, "its lease still holds")
      yield* advance("2 seconds")
      assert.deepStrictEqual(idsOf(seen.arrived), [id])
      assert.isEmpty(yield* pending)
    })
  )

  test(
    "says what has arrived before it is shut down",
    Effect.gen(function* () {
      const { pending, write } = yield* RelayWorld
      const scope = yield* Scope.make()
      yield* Layer.buildWithScope(Layer.fresh(Relay), scope)
      yield* advance("100 millis")
      yield* write(1)
      yield* advance("1 milli")
      yield* write(2)
      yield* advance("1 milli")
      yield* Scope.close(scope, Exit.void)
      assert.isEmpty(yield* pending)
    })
  )

  test(
    "gives back what it holds when it is shut down, as if untried",
    Effect.gen(function* () {
      const { attempts, commit } = yield* RelayWorld
      const seen = yield* Destinations
      seen.answer = () => Effect.never
      const scope = yield* Scope.make()
      yield* Layer.buildWithScope(Layer.fresh(Relay), scope)
      const [id] = yield* commit(1)
      yield* advance("1 second")
      assert.strictEqual(yield* attempts(String(id)), 1)
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual(yield* attempts(String(id)), 0)
      seen.answer = () => Effect.void
      yield* start
      yield* advance(0)
      assert.deepStrictEqual(idsOf(seen.arrived), [id])
    })
  )

  test(
    "does not keep a shutdown waiting while the database is away",
    Effect.gen(function* () {
      const { commit } = yield* RelayWorld
      const seen = yield* Destinations
      const database = { dead: false }
      seen.answer = () => Effect.never
      const scope = yield* Scope.make()
      yield* Layer.buildWithScope(Layer.fresh(Relay).pipe(Layer.provide(failing(database))), scope)
      yield* commit(1)
      yield* advance("1 second")
      database.dead = true
      const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void))
      yield* advance("2 seconds")
      assert.isDefined(closing.pollUnsafe())
    })
  )

  test(
    "waits for a database that is away, loses nothing, and says so once",
    Effect.gen(function* () {
      const { commit, pending } = yield* RelayWorld
      const seen = yield* Destinations
      const database = { away: false }
      yield* Layer.build(Relay.pipe(Layer.provide(failing(database))))
      seen.answer = () => Effect.sleep("1 second")
      yield* commit(1)
      yield* advance("500 millis")
      database.away = true
      yield* commit(2, 3)
      yield* advance("10 minutes")
      assert.lengthOf(seen.arrived, 1)
      database.away = false
      yield* advance("20 seconds")
      assert.lengthOf(seen.arrived, 4)
      assert.isEmpty(yield* pending)
      assert.deepStrictEqual(seen.told, [
        "The outbox is away, trying until it is back: the database is away",
        "The outbox is back"
      ])
    })
  )

  test(
    "counts what became of its tries",
    Effect.gen(function* () {
      const { commit } = yield* RelayWorld
      const seen = yield* Destinations
      yield* commit(1)
      const [refused] = yield* commit(2)
      seen.answer = (event) => (event.id === refused ? Effect.fail(new EventRefused({ reason: "no" })) : Effect.void)
      yield* start
      yield* advance(0)
      const counted = (yield* Metric.snapshot).map((metric) => [metric.id, metric.attributes, metric.state])
      assert.deepInclude(counted, [
        "rookery_outbox_deliveries_total",
        { destination: "broker", outcome: "delivered" },
        { count: 1, incremental: true }
      ])
      assert.deepInclude(counted, [
        "rookery_outbox_deliveries_total",
        { destination: "broker", outcome: "unavailable" },
        { count: 0, incremental: true }
      ])
      assert.deepInclude(counted, ["rookery_outbox_dead_letters_total", undefined, { count: 1, incremental: true }])
    }).pipe(Effect.provideService(Metric.MetricRegistry, new Map()))
  )
})
