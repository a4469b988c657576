import { assert, layer } from "@effect/vitest"
import { Data, DateTime, Duration, Effect, type Layer } from "effect"
import { AccountNotFound } from "../../src/domain/accounts/Account.ts"
import type { AccountRepository } from "../../src/domain/accounts/AccountRepository.ts"
import {
  IdempotencyKey,
  IdempotencyKeys,
  type KeyedRequest,
  KeyInUse,
  KeyLost,
  KeyReused
} from "../../src/domain/shared/IdempotencyKeys.ts"
import { Transaction } from "../../src/domain/shared/Transaction.ts"
import { someAccount, unknownAccount } from "./Fixtures.ts"

type Ports = AccountRepository | IdempotencyKeys | Transaction

class Regret extends Data.TaggedError("Regret")<{}> {}

const lease = Duration.minutes(1)
const noon = DateTime.makeUnsafe("2026-11-20T12:00:00Z")
const later = (duration: Duration.Input) => DateTime.addDuration(noon, duration)
const inUse = (since: DateTime.Utc) => new KeyInUse({ heldUntil: DateTime.addDuration(since, lease) })
const beforeLease = later("59 seconds")
const afterLease = later(lease)

const fingerprint = new Uint8Array([0, 1, 255])
const otherwise = new Uint8Array([0, 1, 254])

const created = {
  status: 201,
  headers: { "content-type": "application/json", location: "/api/v1/contacts/1" },
  body: '{"first_name": "Ada \\u0000 \\ud800 – \u{1f426}"}'
}
const anything = { status: 200, headers: {}, body: "" }

/** Every IdempotencyKeys must pass this together with its accounts, whatever it stores them in. */
export const idempotencyKeysContract = <E>(name: string, adapter: Layer.Layer<Ports, E>) =>
  layer(adapter, { excludeTestServices: true })(`IdempotencyKeys: ${name}`, (it) => {
    const setting = Effect.gen(function* () {
      const [keys, { atomic }] = [yield* IdempotencyKeys, yield* Transaction]
      const { id: owner } = yield* someAccount
      const request: KeyedRequest = { owner, key: IdempotencyKey.make("0001 ~ a key"), fingerprint }
      const other: KeyedRequest = { ...request, fingerprint: otherwise }
      const [one, two] = [crypto.randomUUID(), crypto.randomUUID()]
      const begin = (holder: string, now = noon, asked = request) => keys.begin(asked, holder, lease, now)
      return { keys, atomic, request, other, one, two, begin }
    })

    it.effect("gives a key to the first who asks, and its answer to those who come after", () =>
      Effect.gen(function* () {
        const { begin, keys, one, request, two } = yield* setting
        assert.isUndefined(yield* begin(one))
        yield* keys.complete(request, one, created)
        assert.deepStrictEqual(yield* begin(two), created)
        assert.deepStrictEqual(yield* begin(one, later("23 hours")), created)
      })
    )

    it.effect("tells that a request with the key is under way", () =>
      Effect.gen(function* () {
        const { begin, one, other, two } = yield* setting
        yield* begin(one)
        assert.deepStrictEqual(yield* Effect.flip(begin(two)), inUse(noon))
        assert.deepStrictEqual(yield* Effect.flip(begin(one)), inUse(noon))
        assert.deepStrictEqual(yield* Effect.flip(begin(two, beforeLease)), inUse(noon))
        assert.deepStrictEqual(yield* Effect.flip(begin(two, noon, other)), new KeyReused())
      })
    )

    it.effect("tells that the key came with another request", () =>
      Effect.gen(function* () {
        const { begin, keys, one, other, request, two } = yield* setting
        yield* begin(one)
        yield* keys.complete(request, one, created)
        assert.deepStrictEqual(yield* Effect.flip(begin(two, noon, other)), new KeyReused())
        assert.deepStrictEqual(yield* Effect.flip(begin(two, later("23 hours"), other)), new KeyReused())
        assert.deepStrictEqual(yield* begin(two), created)
      })
    )

    it.effect("takes no key for nobody", () =>
      Effect.gen(function* () {
        const { begin, one, request } = yield* setting
        const error = yield* Effect.flip(begin(one, noon, { ...request, owner: unknownAccount }))
        assert.deepStrictEqual(error, new AccountNotFound({ id: unknownAccount }))
      })
    )

    it.effect("keeps the keys of one account from another's", () =>
      Effect.gen(function* () {
        const { begin, keys, one, request, two } = yield* setting
        const { id: owner } = yield* someAccount
        const stranger = { ...request, owner, fingerprint: otherwise }
        yield* begin(one)
        assert.isUndefined(yield* begin(two, noon, stranger))
        yield* keys.complete(request, one, created)
        yield* keys.complete(stranger, two, anything)
        assert.deepStrictEqual(yield* begin(two), created)
        assert.deepStrictEqual(yield* begin(one, noon, stranger), anything)
      })
    )

    it.effect("keeps keys that differ in case, or at their end, apart", () =>
      Effect.gen(function* () {
        const { begin, one, request } = yield* setting
        for (const key of ["a", "A", "a.", "a ~", "~".repeat(255)]) {
          assert.isUndefined(yield* begin(one, noon, { ...request, key: IdempotencyKey.make(key) }))
        }
      })
    )

    it.effect("lets another request take over from a holder who fell silent", () =>
      Effect.gen(function* () {
        const { begin, keys, one, other, request, two } = yield* setting
        yield* begin(one)
        assert.isUndefined(yield* begin(two, afterLease, other))
        assert.deepStrictEqual(yield* Effect.flip(begin(one, afterLease)), new KeyReused())
        assert.deepStrictEqual(yield* Effect.flip(begin(one, afterLease, other)), inUse(afterLease))
        assert.deepStrictEqual(yield* Effect.flip(keys.complete(request, one, anything)), new KeyLost())
        yield* keys.abandon(request, one)
        yield* keys.complete(other, two, created)
        assert.deepStrictEqual(yield* begin(one, afterLease, other), created)
      })
    )

    it.effect("keeps the answer of a holder who was late, where nobody took over", () =>
      Effect.gen(function* () {
        const { begin, keys, one, request, two } = yield* setting
        yield* begin(one)
        yield* keys.complete(request, one, created)
        assert.deepStrictEqual(yield* begin(two, afterLease), created)
      })
    )

    it.effect("takes a key back as if it had never been taken", () =>
      Effect.gen(function* () {
        const { begin, keys, one, other, request, two } = yield* setting
        yield* begin(one)
        yield* keys.abandon(request, two)
        assert.deepStrictEqual(yield* Effect.flip(begin(two)), inUse(noon))
        yield* keys.abandon(request, one)
        assert.deepStrictEqual(yield* Effect.flip(keys.complete(request, one, created)), new KeyLost())
        assert.isUndefined(yield* begin(two, noon, other))
        yield* keys.complete(other, two, created)
        yield* keys.abandon(other, two)
        assert.deepStrictEqual(yield* begin(one, noon, other), created)
      })
    )

    it.effect("forgets a key a day after it was first taken", () =>
      Effect.gen(function* () {
        const { begin, keys, one, other, request, two } = yield* setting
        yield* begin(one)
        yield* keys.complete(request, one, created)
        assert.deepStrictEqual(yield* begin(two, later(Duration.millis(24 * 3600_000 - 1))), created)
        assert.isUndefined(yield* begin(two, later("24 hours"), other))
        assert.deepStrictEqual(yield* Effect.flip(begin(one, later("24 hours"), other)), inUse(later("24 hours")))
        yield* keys.complete(other, two, anything)
        assert.deepStrictEqual(yield* begin(one, later("47 hours"), other), anything)
      })
    )

    it.effect("deletes what is older than asked for, and nothing younger", () =>
      Effect.gen(function* () {
        const { begin, keys, one, request, two } = yield* setting
        const young = { ...request, key: IdempotencyKey.make("young") }
        yield* begin(one)
        yield* keys.complete(request, one, created)
        yield* begin(one, later("1 hour"), young)
        yield* keys.complete(young, one, anything)
        yield* keys.deleteCreatedBefore(noon)
        assert.deepStrictEqual(yield* begin(two), created)
        yield* keys.deleteCreatedBefore(later("1 hour"))
        assert.isUndefined(yield* begin(two))
        assert.deepStrictEqual(yield* begin(two, later("1 hour"), young), anything)
      })
    )

    it.effect("keeps an answer with the transaction that it is part of, or not at all", () =>
      Effect.gen(function* () {
        const { atomic, begin, keys, one, request, two } = yield* setting
        yield* begin(one)
        yield* Effect.flip(atomic(Effect.andThen(keys.complete(request, one, created), Effect.fail(new Regret()))))
        assert.deepStrictEqual(yield* Effect.flip(begin(two)), inUse(noon))
        yield* atomic(keys.complete(request, one, created))
        assert.deepStrictEqual(yield* begin(two), created)
      })
    )

    it.effect("lets one of many at once begin, and the others see its answer", () =>
      Effect.gen(function* () {
        const { begin, keys, request } = yield* setting
        const asking = Array.from({ length: 20 }, () => {
          const holder = crypto.randomUUID()
          return Effect.as(begin(holder), holder).pipe(Effect.catchTag("KeyInUse", () => Effect.succeed(undefined)))
        })
        const holders = (yield* Effect.all(asking, { concurrency: "unbounded" })).filter((one) => one !== undefined)
        assert.lengthOf(holders, 1)
        yield* keys.complete(request, holders[0] ?? "", created)
        const answers = yield* Effect.replicateEffect(begin(crypto.randomUUID()), 20, { concurrency: "unbounded" })
        assert.isTrue(answers.every((answer) => answer?.body === created.body))
      })
    )

    it.effect("lets one of many at once take over", () =>
      Effect.gen(function* () {
        const { begin, one } = yield* setting
        yield* begin(one)
        const asking = Array.from({ length: 20 }, () => Effect.exit(begin(crypto.randomUUID(), afterLease)))
        const exits = yield* Effect.all(asking, { concurrency: "unbounded" })
        assert.lengthOf(
          exits.filter((exit) => exit._tag === "Success"),
          1
        )
      })
    )

    it.effect("lets one hold a key at a time, however often it is given back", () =>
      Effect.gen(function* () {
        const { begin, keys, request } = yield* setting
        let held = 0
        let most = 0
        const turn = Effect.gen(function* () {
          const holder = crypto.randomUUID()
          yield* begin(holder)
          most = Math.max(most, (held += 1))
          yield* Effect.yieldNow
          held -= 1
          yield* keys.abandon(request, holder)
        }).pipe(Effect.catchTag("KeyInUse", () => Effect.void))
        const turns = Array.from({ length: 20 }, () => Effect.replicateEffect(turn, 10, { discard: true }))
        yield* Effect.all(turns, { concurrency: "unbounded", discard: true })
        assert.strictEqual(most, 1)
      })
    )
  })
