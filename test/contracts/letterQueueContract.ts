import { assert, type Vitest } from "@effect/vitest"
import { Duration, Effect, Schema } from "effect"
import { Outbox } from "../../src/domain/events/Outbox.ts"
import { Transaction } from "../../src/domain/shared/Transaction.ts"
import { arrivals, bury, emptyOutbox } from "./Fixtures.ts"

export interface LetterQueue<A, Q> {
  readonly destination: "mail" | "sms"
  readonly enqueue: (letter: A) => Effect.Effect<void, never, Q>
  readonly schema: Schema.Codec<A, Schema.Json>
  /** One of each kind, and how the outbox types it. */
  readonly each: readonly [first: Kind<A>, ...others: ReadonlyArray<Kind<A>>]
  /** What their subjects begin with. */
  readonly subjects: string
}
type Kind<A> = readonly [letter: A, type: string]

/** What a queue of letters to people must do together with the outbox that they go out from. */
export const letterQueueContract = <A, Q>(
  it: Vitest.MethodsNonLive<Q | Outbox | Transaction>,
  { destination, each, enqueue, schema, subjects }: LetterQueue<A, Q>
) => {
  const decode = Schema.decodeUnknownEffect(schema)
  const [[some]] = each
  const claim = Outbox.use((outbox) =>
    outbox.claim({ destination, holder: "one", limit: 10, lease: Duration.seconds(30) })
  )

  it.effect("keeps every kind under a type of its own, and a subject that names nobody", () =>
    Effect.gen(function* () {
      yield* emptyOutbox
      for (const [letter, type] of each) {
        yield* enqueue(letter)
        const [entry, ...more] = yield* arrivals(destination)
        assert.deepStrictEqual(more, [])
        assert.deepInclude(entry, { type, subject: `${subjects}/${entry?.eventId}` })
        assert.deepStrictEqual(yield* decode(entry?.data), letter)
        assert.isBelow(Math.abs(Date.now() - (entry?.occurredAt.epochMilliseconds ?? 0)), 10_000)
      }
    })
  )

  it.effect.prop(
    "keeps any as it was asked for",
    { letter: schema },
    ({ letter }) =>
      Effect.gen(function* () {
        yield* enqueue(letter)
        const [entry] = yield* arrivals(destination)
        assert.deepStrictEqual(yield* decode(entry?.data), letter)
      }),
    { arbitrary: { runs: 30 } }
  )

  it.effect("lets none wait for another, not even to the same person", () =>
    Effect.gen(function* () {
      yield* emptyOutbox
      const outbox = yield* Outbox
      yield* Effect.forEach([...each, ...each], ([letter]) => enqueue(letter))
      const entries = [...(yield* claim), ...(yield* claim)]
      assert.lengthOf(entries, 2 * each.length)
      assert.strictEqual(new Set(entries.map(({ eventId }) => eventId)).size, entries.length)
      yield* outbox.complete(
        "one",
        entries.map(({ id }) => id)
      )
    })
  )

  it.effect("sends nothing of a transaction that is undone, and at once what one commits", () =>
    Effect.gen(function* () {
      yield* emptyOutbox
      const { atomic } = yield* Transaction
      yield* Effect.exit(atomic(Effect.andThen(enqueue(some), Effect.fail("undone"))))
      assert.deepStrictEqual(yield* arrivals(destination), [])
      for (let round = 0; round < 12; round++) {
        // Within a transaction the clock of a database stands still: what is due a moment later is not due at all.
        assert.lengthOf(yield* atomic(Effect.andThen(enqueue(some), arrivals(destination))), 1, `round ${round}`)
      }
    })
  )

  it.effect("takes what was given up for a dead letter, and sends it again on demand", () =>
    Effect.gen(function* () {
      yield* emptyOutbox
      const outbox = yield* Outbox
      yield* enqueue(some)
      yield* bury(destination)
      const [letter, ...more] = yield* outbox.listDead(10)
      assert.deepStrictEqual(more, [])
      assert.deepInclude(letter, { destination, lastError: "no" })
      assert.strictEqual(yield* outbox.redeliver("all"), 1)
      assert.deepStrictEqual(
        (yield* arrivals(destination)).map(({ eventId }) => eventId),
        [letter?.eventId]
      )
    })
  )
}
