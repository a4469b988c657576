import { assert, layer } from "@effect/vitest"
import { Data, Duration, Effect, type Layer } from "effect"
import { Outbox } from "../../src/domain/events/Outbox.ts"
import { BlobRemovals } from "../../src/domain/shared/BlobRemovals.ts"
import { BlobKey } from "../../src/domain/shared/BlobStore.ts"
import { Transaction } from "../../src/domain/shared/Transaction.ts"

type Ports = BlobRemovals | Outbox | Transaction

class Regret extends Data.TaggedError("Regret")<{}> {}

const long = Duration.hours(1)
const short = Duration.millis(120)
const afterShort = Effect.sleep("160 millis")

/** Every BlobRemovals must pass this together with the outbox that it writes to, whatever it stores them in. */
export const blobRemovalsContract = <E>(name: string, adapter: Layer.Layer<Ports, E>) =>
  layer(adapter, { excludeTestServices: true })(`BlobRemovals: ${name}`, (it) => {
    const setting = Effect.gen(function* () {
      const [removals, outbox, { atomic }] = [yield* BlobRemovals, yield* Outbox, yield* Transaction]
      const key = BlobKey.make(`test/${crypto.randomUUID()}`)
      const holder = crypto.randomUUID()
      /** The blob's removals that are due and nobody else's. They are held from now on. */
      const claim = Effect.map(
        outbox.claim({ destination: "blobs", holder, limit: 1000, lease: Duration.seconds(30) }),
        (entries) => entries.filter((entry) => entry.subject === `blobs/${key}`)
      )
      return { removals, outbox, atomic, key, holder, claim }
    })

    it.effect("has a blob removed at once", () =>
      Effect.gen(function* () {
        const { claim, key, removals } = yield* setting
        yield* removals.schedule(key, Duration.zero)
        const [entry, ...more] = yield* claim
        assert.deepInclude(entry, { destination: "blobs", type: "rookery.blobs.removed", data: { key }, attempts: 1 })
        assert.deepStrictEqual(more, [])
      })
    )

    it.effect("has a blob removed later, and no sooner", () =>
      Effect.gen(function* () {
        const { claim, key, removals } = yield* setting
        yield* removals.schedule(key, short)
        assert.deepStrictEqual(yield* claim, [])
        yield* afterShort
        assert.lengthOf(yield* claim, 1)
      })
    )

    it.effect("forgets what is cancelled in time, and tells that it was", () =>
      Effect.gen(function* () {
        const { claim, key, removals } = yield* setting
        yield* removals.schedule(key, short)
        assert.isTrue(yield* removals.cancel(key))
        assert.isFalse(yield* removals.cancel(key))
        yield* afterShort
        assert.deepStrictEqual(yield* claim, [])
        yield* removals.schedule(key, Duration.zero)
        assert.lengthOf(yield* claim, 1)
      })
    )

    it.effect("cancels one blob's removal and no other's", () =>
      Effect.gen(function* () {
        const { claim, key, removals } = yield* setting
        const other = BlobKey.make(`${key}/other`)
        yield* removals.schedule(key, short)
        assert.isFalse(yield* removals.cancel(other))
        yield* removals.schedule(other, long)
        assert.isTrue(yield* removals.cancel(other))
        yield* afterShort
        assert.lengthOf(yield* claim, 1)
      })
    )

    it.effect("tells that it is too late", () =>
      Effect.gen(function* () {
        const { claim, holder, key, outbox, removals } = yield* setting
        yield* removals.schedule(key, Duration.zero)
        assert.isFalse(yield* removals.cancel(key), "due")
        const ids = (yield* claim).map((entry) => entry.id)
        assert.isFalse(yield* removals.cancel(key), "being removed")
        // Who gives an entry back may have removed the blob all the same.
        yield* outbox.release(holder, ids, Duration.zero)
        assert.isFalse(yield* removals.cancel(key), "given back")
        assert.deepStrictEqual(
          (yield* claim).map((entry) => entry.id),
          ids
        )
        yield* outbox.reschedule(holder, ids[0] ?? 0, long, "no answer")
        assert.isFalse(yield* removals.cancel(key), "tried before")
        yield* outbox.redeliver(ids)
        assert.isFalse(yield* removals.cancel(key), "still tried before")
      })
    )

    it.effect("cancels nothing that was given up", () =>
      Effect.gen(function* () {
        const { claim, holder, key, outbox, removals } = yield* setting
        yield* removals.schedule(key, Duration.zero)
        const [entry] = yield* claim
        yield* outbox.bury(holder, entry?.id ?? 0, "away for good")
        assert.isFalse(yield* removals.cancel(key))
        assert.strictEqual(yield* outbox.redeliver([entry?.id ?? 0]), 1)
        assert.lengthOf(yield* claim, 1)
      })
    )

    it.effect("keeps the earliest of several times", () =>
      Effect.gen(function* () {
        const { claim, key, removals } = yield* setting
        yield* removals.schedule(key, long)
        yield* removals.schedule(key, Duration.zero)
        yield* removals.schedule(key, long)
        assert.lengthOf(yield* claim, 1)
        const other = yield* setting
        yield* removals.schedule(other.key, short)
        yield* removals.schedule(other.key, long)
        yield* afterShort
        assert.lengthOf(yield* other.claim, 1)
      })
    )

    it.effect("does both with the transaction around it, or neither", () =>
      Effect.gen(function* () {
        const { atomic, claim, key, removals } = yield* setting
        const undone = <A>(effect: Effect.Effect<A>) =>
          Effect.flip(atomic(Effect.andThen(effect, Effect.fail(new Regret()))))
        yield* undone(removals.schedule(key, Duration.zero))
        assert.deepStrictEqual(yield* claim, [])
        yield* removals.schedule(key, short)
        yield* undone(removals.cancel(key))
        yield* undone(removals.schedule(key, Duration.zero))
        assert.deepStrictEqual(yield* claim, [])
        yield* afterShort
        assert.lengthOf(yield* claim, 1)
      })
    )

    it.effect("never cancels what somebody sets about at the same time", () =>
      Effect.gen(function* () {
        const { atomic, outbox, removals } = yield* setting
        const race = Effect.fnUntraced(function* (due: Duration.Duration) {
          const key = BlobKey.make(`test/${crypto.randomUUID()}`)
          const holder = crypto.randomUUID()
          yield* removals.schedule(key, due)
          const claim = outbox.claim({ destination: "blobs", holder, limit: 1000, lease: Duration.seconds(30) })
          const claimed = Effect.replicateEffect(claim, 6).pipe(
            Effect.map((all) => all.flat().some((entry) => entry.subject === `blobs/${key}`))
          )
          const cancel = Effect.delay(atomic(removals.cancel(key)), Duration.millis(Math.random() * 8))
          const [removed, cancelled] = yield* Effect.all([claimed, cancel], { concurrency: "unbounded" })
          return [removed, cancelled]
        })
        const outcomes = yield* Effect.replicateEffect(race(Duration.millis(4)), 40)
        assert.deepStrictEqual(
          outcomes.filter(([removed, cancelled]) => removed === true && cancelled === true),
          []
        )
        assert.deepStrictEqual(yield* race(Duration.hours(1)), [false, true])
      })
    )
  })
