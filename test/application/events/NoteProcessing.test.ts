import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Exit, Layer, Metric, Option, Schedule, Scope } from "effect"
import { NoteProcessing, type NoteProcessingOptions } from "../../../src/application/contacts/NoteProcessing.ts"
import { DeadLetters } from "../../../src/application/events/DeadLetters.ts"
import { UpstreamRejected, UpstreamUnavailable } from "../../../src/domain/contacts/Upstream.ts"
import { backoff } from "../../../src/domain/events/Backoff.ts"
import type { CloudEvent } from "../../../src/domain/events/CloudEvent.ts"
import { Outbox } from "../../../src/domain/events/Outbox.ts"
import { advance, Destinations, failing, RelayWorld, ToldLogs, UpstreamService } from "./RelayWorld.ts"

const options: NoteProcessingOptions = {
  maxAttempts: 12,
  backoff: Schedule.exponential("1 second"),
  source: "https://rookery.example.com"
}

const TestWorld = Layer.mergeAll(UpstreamService, DeadLetters.layer, ToldLogs).pipe(
  Layer.provideMerge(Layer.mergeAll(RelayWorld.layer("upstream"), Destinations.layer))
)

const test = <A, E>(name: string, effect: Effect.Effect<A, E, Layer.Success<typeof TestWorld> | Scope.Scope>) =>
  it.effect(name, () => effect.pipe(Effect.provide(TestWorld)))

const start = (changes: Partial<NoteProcessingOptions> = {}) =>
  Layer.build(Layer.fresh(NoteProcessing({ ...options, ...changes })))
const unavailable = (retryAfter?: Duration.Duration) =>
  Effect.fail(new UpstreamUnavailable({ reason: "answered 503", ...(retryAfter === undefined ? {} : { retryAfter }) }))
const rejected = Effect.fail(new UpstreamRejected({ reason: "answered 422" }))
const idsOf = (events: ReadonlyArray<CloudEvent>) => events.map((event) => event.id)

describe("NoteProcessing", () => {
  test(
    "hands over what was written at once, with an event of this deployment",
    Effect.gen(function* () {
      const { commit, pending } = yield* RelayWorld
      const { arrived } = yield* Destinations
      yield* start()
      yield* advance("300 millis")
      const [id] = yield* commit(7)
      yield* advance(0)
      assert.deepInclude(arrived[0], { id, source: options.source, subject: "contacts/1/notes/7", data: { id: 7 } })
      assert.isEmpty(yield* pending)
    })
  )

  test(
    "keeps the order of each note, also when a try fails",
    Effect.gen(function* () {
      const { commit } = yield* RelayWorld
      const seen = yield* Destinations
      const failed = new Set<string>()
      seen.answerUpstream = (event) => {
        if (Number(event.id.slice(-2)) % 3 !== 0 || failed.has(event.id)) return Effect.sleep("100 millis")
        failed.add(event.id)
        return unavailable()
      }
      const ids = yield* Effect.forEach([1, 2, 3, 4, 5], (note) => commit(note, 6))
      yield* start()
      yield* advance("1 minute")
      for (const [index, ofNote] of ids.entries()) {
        const arrived = seen.arrived.filter((event) => event.subject.endsWith(`/${index + 1}`))
        assert.deepStrictEqual(idsOf(arrived), ofNote)
      }
    })
  )

  test(
    "tries again after the delays of its schedule, counting on over a restart",
    Effect.gen(function* () {
      const { commit } = yield* RelayWorld
      const seen = yield* Destinations
      seen.answerUpstream = () => unavailable()
      const before = yield* Scope.make()
      yield* Layer.buildWithScope(Layer.fresh(NoteProcessing(options)), before)
      yield* commit(1)
      yield* advance("20 seconds")
      yield* Scope.close(before, Exit.void)
      yield* start()
      yield* advance("1 minute")
      // 1, 2, 4, 8, 16 and 32 seconds apart, each found within the second by its due time.
      assert.deepStrictEqual(
        seen.tried.map(({ at }) => at / 1000),
        [0, 1, 3, 7, 15, 31, 63]
      )
    })
  )

  test(
    "waits as long as it is asked to, at most a day, and never shorter than its own delay",
    Effect.gen(function* () {
      const { commit } = yield* RelayWorld
      const seen = yield* Destinations
      const asked = [Duration.minutes(10), Duration.millis(10), Duration.days(365)]
      const tries = (event: CloudEvent) => seen.tried.filter((one) => one.id === event.id)
      seen.answerUpstream = (event) =>
        tries(event).length === 1 ? unavailable(asked[Number(event.subject.slice(-1)) - 1]) : Effect.void
      yield* start()
      yield* Effect.forEach([1, 2, 3], (one) => commit(one))
      yield* advance("11 minutes")
      const waited = seen.arrived.map((event) => [event.subject.slice(-1), (tries(event)[1]?.at ?? 0) / 1000])
      assert.deepStrictEqual(Object.fromEntries(waited), { 1: 600, 2: 1 })
      const outbox = yield* Outbox
      assert.deepStrictEqual(yield* outbox.untilDue("upstream"), Option.some(Duration.minutes(24 * 60 - 11)))
    })
  )

  test(
    "gives up at once what is rejected, and sends it again on demand",
    Effect.gen(function* () {
      const { commit, dead } = yield* RelayWorld
      const seen = yield* Destinations
      const letters = yield* DeadLetters
      seen.answerUpstream = (event) => (event.subject.endsWith("/1") ? rejected : Effect.void)
      yield* start()
      const [first, second] = [...(yield* commit(1)), ...(yield* commit(2))]
      yield* advance("10 seconds")
      assert.lengthOf(seen.tried, 2)
      assert.deepStrictEqual(idsOf(seen.arrived), [second])
      assert.deepStrictEqual(yield* dead, [first])
      const [letter] = yield* letters.list(10)
      assert.strictEqual(letter?.lastError, "answered 422")

      seen.answerUpstream = () => Effect.void
      assert.strictEqual(yield* letters.redeliver([letter.id]), 1)
      yield* advance(0)
      assert.deepStrictEqual(idsOf(seen.arrived), [second, first])
      assert.isEmpty(yield* letters.list(10))
    })
  )

  test(
    "gives up after the last try, with all tries before it again when it is sent again",
    Effect.gen(function* () {
      const { commit, dead } = yield* RelayWorld
      const seen = yield* Destinations
      const letters = yield* DeadLetters
      seen.answerUpstream = () => unavailable()
      yield* start({ maxAttempts: 3 })
      const ids = yield* commit(1)
      yield* advance("1 hour")
      assert.lengthOf(seen.tried, 3)
      assert.deepStrictEqual(yield* dead, ids)
      assert.isTrue(seen.told.some((line) => line.includes(String(ids[0])) && line.includes("503")))
      yield* letters.redeliver("all")
      yield* advance("1 hour")
      assert.lengthOf(seen.tried, 6)
    })
  )

  test(
    "holds up nothing new for what fails, however many those are and however long they take",
    Effect.gen(function* () {
      const { commit } = yield* RelayWorld
      const seen = yield* Destinations
      seen.answerUpstream = (event) =>
        Number(event.subject.split("/")[3]) <= 500
          ? Effect.delay(unavailable(), seen.tried.filter((one) => one.id === event.id).length === 1 ? 0 : "10 seconds")
          : Effect.void
      yield* start({ maxAttempts: 100 })
      yield* Effect.forEach(Array.from({ length: 500 }), (_, note) => commit(note + 1))
      yield* advance("30 seconds")
      for (let note = 501; note <= 560; note++) {
        yield* commit(note)
        yield* advance("100 millis")
        assert.lengthOf(seen.arrived, note - 500)
      }
    })
  )

  test(
    "has at most 256 deliveries under way, of which 128 are retries",
    Effect.gen(function* () {
      const { commit } = yield* RelayWorld
      const seen = yield* Destinations
      let under = 0
      let most = 0
      const slowly = (event: CloudEvent) =>
        Effect.gen(function* () {
          most = Math.max(most, ++under)
          yield* Effect.sleep("8 seconds")
          under -= 1
          return yield* seen.tried.filter((one) => one.id === event.id).length === 1 ? unavailable() : Effect.void
        })
      seen.answerUpstream = slowly
      yield* start()
      yield* Effect.forEach(Array.from({ length: 300 }), (_, note) => commit(note + 1))
      yield* advance("7 seconds")
      assert.strictEqual(under, 256)
      most = 0
      // All first tries but the last 44 have failed, and their retries fall due while those 44 are under way.
      yield* advance("5 seconds")
      assert.isAtMost(most, 256)
      assert.strictEqual(under, 44 + 128)
      yield* advance("1 minute")
      assert.lengthOf(seen.arrived, 300)
    })
  )

  test(
    "brings everything after the upstream service was away for an hour",
    Effect.gen(function* () {
      const { commit, dead, pending } = yield* RelayWorld
      const seen = yield* Destinations
      seen.answerUpstream = () => unavailable()
      yield* start({ backoff: backoff(Duration.seconds(1)) })
      const ids: Array<string> = []
      for (let minute = 0; minute < 60; minute++) {
        ids.push(...(yield* commit(minute + 1)))
        yield* advance("1 minute")
      }
      assert.isEmpty(seen.arrived)
      assert.isEmpty(yield* dead)
      seen.answerUpstream = () => Effect.void
      yield* advance("2 hours")
      assert.sameMembers(idsOf(seen.arrived), ids)
      assert.isEmpty(yield* pending)
      assert.isEmpty(yield* dead)
    })
  )

  test(
    "takes an event that breaks the adapter for one that failed, and tells nobody but the log how",
    Effect.gen(function* () {
      const { commit, dead } = yield* RelayWorld
      const seen = yield* Destinations
      const letters = yield* DeadLetters
      const [broken] = yield* commit(1)
      const others = yield* commit(2)
      seen.answerUpstream = (event) => (event.id === broken ? Effect.die(new Error("bug at 10.0.0.7")) : Effect.void)
      yield* start({ maxAttempts: 2 })
      yield* advance("1 minute")
      assert.deepStrictEqual(idsOf(seen.arrived), others)
      assert.deepStrictEqual(yield* dead, [broken])
      const [letter] = yield* letters.list(10)
      assert.strictEqual(letter?.lastError, "could not be sent")
      assert.include(seen.told, `Event ${broken} could not be sent`)
    })
  )

  test(
    "delivers once what takes longer than a lease, and takes over from an instance that died",
    Effect.gen(function* () {
      const { commit, pending } = yield* RelayWorld
      const seen = yield* Destinations
      const dying = { dead: false }
      seen.answerUpstream = () => Effect.never
      // Its scope is never closed: nothing is cleaned up after a process that was killed.
      yield* Layer.buildWithScope(
        Layer.fresh(NoteProcessing(options)).pipe(Layer.provide(failing(dying))),
        yield* Scope.make()
      )
      const ids = yield* commit(1)
      yield* start()
      yield* advance("1 minute")
      assert.lengthOf(seen.tried, 1)
      dying.dead = true
      seen.answerUpstream = () => Effect.void
      yield* advance("6 seconds")
      assert.deepStrictEqual(idsOf(seen.arrived), ids)
      assert.isEmpty(yield* pending)
    })
  )

  test(
    "begins no second delivery of what it could not yet write down as delivered",
    Effect.gen(function* () {
      const { commit, pending } = yield* RelayWorld
      const seen = yield* Destinations
      const database = { stuck: true }
      yield* Layer.build(Layer.fresh(NoteProcessing(options)).pipe(Layer.provide(failing(database))))
      yield* commit(1)
      yield* advance("1 minute")
      assert.lengthOf(seen.tried, 1)
      database.stuck = false
      yield* advance("10 seconds")
      assert.lengthOf(seen.tried, 1)
      assert.isEmpty(yield* pending)
    })
  )

  test(
    "waits for a database that is away, and delivers nothing twice for it",
    Effect.gen(function* () {
      const { commit, pending } = yield* RelayWorld
      const seen = yield* Destinations
      const database = { away: false }
      seen.answerUpstream = () => Effect.sleep("1 second")
      yield* Layer.build(Layer.fresh(NoteProcessing(options)).pipe(Layer.provide(failing(database))))
      yield* Effect.forEach([1, 2, 3], (note) => commit(note))
      yield* advance("500 millis")
      database.away = true
      yield* advance("10 minutes")
      database.away = false
      yield* advance("10 seconds")
      assert.lengthOf(seen.tried, 3)
      assert.isEmpty(yield* pending)
      assert.deepStrictEqual(seen.told, [
        "The outbox is away, trying until it is back: the database is away",
        "The outbox is back"
      ])
    })
  )

  test(
    "counts tries, retries and dead letters",
    Effect.gen(function* () {
      const { commit } = yield* RelayWorld
      const seen = yield* Destinations
      seen.answerUpstream = (event) => (event.subject.endsWith("/1") ? Effect.void : unavailable())
      yield* start({ maxAttempts: 3 })
      yield* Effect.forEach([1, 2], (note) => commit(note))
      yield* advance("1 minute")
      const counts = Object.fromEntries(
        (yield* Metric.snapshot).map(({ attributes, id, state }) => [
          `${id}${attributes?.["outcome"] === undefined ? "" : ` ${attributes["outcome"]}`}`,
          "count" in state ? state.count : undefined
        ])
      )
      assert.deepStrictEqual(counts, {
        "rookery_outbox_deliveries_total delivered": 1,
        "rookery_outbox_deliveries_total refused": 0,
        "rookery_outbox_deliveries_total unavailable": 3,
        rookery_outbox_retries_total: 2,
        rookery_outbox_dead_letters_total: 1
      })
    }).pipe(Effect.provideService(Metric.MetricRegistry, new Map()))
  )
})
