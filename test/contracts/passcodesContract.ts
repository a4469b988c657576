import { assert, layer } from "@effect/vitest"
import { DateTime, type Duration, Effect, type Layer } from "effect"
import { PasscodeRequestId } from "../../src/domain/accounts/Passcode.ts"
import { PasscodeRepository } from "../../src/domain/accounts/PasscodeRepository.ts"
import { Transaction } from "../../src/domain/shared/Transaction.ts"
import { somePhone } from "./Fixtures.ts"

const start = DateTime.makeUnsafe("2026-11-20T12:00:00.123Z")
const after = (duration: Duration.Input) => DateTime.addDuration(start, duration)
const hash = (n: number) => new Uint8Array(32).fill(n)
const someId = () => PasscodeRequestId.make(crypto.randomUUID())
const nothing = { code: null, wrongTries: [] }

/** Every PasscodeRepository must pass this. */
export const passcodesContract = <E>(name: string, adapter: Layer.Layer<PasscodeRepository | Transaction, E>) =>
  layer(adapter, { excludeTestServices: true })(`PasscodeRepository: ${name}`, (it) => {
    const request = (
      phone: ReturnType<typeof somePhone>,
      changes: { id?: PasscodeRequestId; now?: DateTime.Utc } = {}
    ) =>
      PasscodeRepository.use((passcodes) => {
        const { id = someId(), now = start } = changes
        const owedUntil = DateTime.addDuration(now, "10 minutes")
        return Effect.as(passcodes.request(phone, { id, purpose: "signIn", owedUntil }, now), id)
      })
    const kept = (phone: ReturnType<typeof somePhone>) =>
      PasscodeRepository.use((passcodes) => passcodes.lock(phone, start))

    it.effect("knows nothing of a number that nobody asked for", () =>
      Effect.gen(function* () {
        const phone = somePhone()
        assert.deepStrictEqual(yield* kept(phone), nothing)
        assert.deepStrictEqual(yield* kept(phone), nothing)
      })
    )

    it.effect("keeps the code that was issued to a request, for what it was asked for", () =>
      Effect.gen(function* () {
        const passcodes = yield* PasscodeRepository
        const [phone, other] = [somePhone(), somePhone()]
        const id = yield* request(phone)
        assert.deepStrictEqual(yield* kept(phone), nothing)
        const code = { hash: hash(1), expiresAt: after("11 minutes") }
        assert.isTrue(yield* passcodes.issue(phone, id, code, after("1 minute")))
        assert.deepStrictEqual(yield* kept(phone), { code: { ...code, purpose: "signIn" }, wrongTries: [] })
        assert.isFalse(yield* passcodes.issue(other, id, code, start))
        assert.deepStrictEqual(yield* kept(other), nothing)
      })
    )

    it.effect("issues another code to the same request in the place of the one before", () =>
      Effect.gen(function* () {
        const passcodes = yield* PasscodeRepository
        const phone = somePhone()
        const id = yield* request(phone)
        yield* passcodes.issue(phone, id, { hash: hash(1), expiresAt: after("10 minutes") }, start)
        const again = { hash: hash(2), expiresAt: after("12 minutes") }
        assert.isTrue(yield* passcodes.issue(phone, id, again, after("2 minutes")))
        assert.deepStrictEqual((yield* kept(phone)).code, { ...again, purpose: "signIn" })
      })
    )

    it.effect("voids the code before when another is requested, and issues none to the request before", () =>
      Effect.gen(function* () {
        const passcodes = yield* PasscodeRepository
        const phone = somePhone()
        const code = { hash: hash(1), expiresAt: after("10 minutes") }
        const first = yield* request(phone)
        yield* passcodes.issue(phone, first, code, start)
        const id = someId()
        yield* passcodes.request(phone, { id, purpose: "signUp", owedUntil: after("10 minutes") }, start)
        assert.deepStrictEqual(yield* kept(phone), nothing)
        assert.isFalse(yield* passcodes.issue(phone, first, code, start))
        assert.deepStrictEqual(yield* kept(phone), nothing)
        assert.isTrue(yield* passcodes.issue(phone, id, code, start))
        assert.deepStrictEqual((yield* kept(phone)).code, { ...code, purpose: "signUp" })
      })
    )

    it.effect("issues none to whom nobody owes one any longer", () =>
      Effect.gen(function* () {
        const passcodes = yield* PasscodeRepository
        const [late, used] = [somePhone(), somePhone()]
        const code = { hash: hash(1), expiresAt: after("1 hour") }
        const lateId = yield* request(late)
        assert.isTrue(yield* passcodes.issue(late, lateId, code, after("599999 millis")))
        assert.isFalse(yield* passcodes.issue(late, lateId, { ...code, hash: hash(2) }, after("10 minutes")))
        assert.deepStrictEqual((yield* kept(late)).code?.hash, hash(1))
        const usedId = yield* request(used)
        yield* passcodes.issue(used, usedId, code, start)
        yield* passcodes.use(used)
        assert.isFalse(yield* passcodes.issue(used, usedId, code, start))
        assert.deepStrictEqual(yield* kept(used), nothing)
      })
    )

    it.effect("keeps wrong tries over every request, and forgets those that are too old when another comes", () =>
      Effect.gen(function* () {
        const passcodes = yield* PasscodeRepository
        const [phone, other] = [somePhone(), somePhone()]
        yield* kept(phone)
        const times = [after(0), after("1 minute"), after("1 minute"), after("2 minutes")]
        for (const at of times) yield* passcodes.addWrongTry(phone, at, DateTime.subtractDuration(at, "1 hour"))
        const id = yield* request(phone)
        yield* passcodes.issue(phone, id, { hash: hash(1), expiresAt: after("10 minutes") }, start)
        yield* request(phone)
        assert.deepStrictEqual(yield* kept(phone), { code: null, wrongTries: times })
        yield* passcodes.addWrongTry(phone, after("61 minutes"), after("1 minute"))
        assert.deepStrictEqual((yield* kept(phone)).wrongTries, [after("2 minutes"), after("61 minutes")])
        assert.deepStrictEqual((yield* kept(other)).wrongTries, [])
      })
    )

    it.effect("forgets code and wrong tries of a number whose code was used, and of no other", () =>
      Effect.gen(function* () {
        const passcodes = yield* PasscodeRepository
        const phones = [somePhone(), somePhone()] as const
        const code = { hash: hash(1), expiresAt: after("10 minutes") }
        for (const phone of phones) {
          yield* passcodes.issue(phone, yield* request(phone), code, start)
          yield* passcodes.addWrongTry(phone, start, after("-1 hour"))
        }
        yield* passcodes.use(phones[0])
        assert.deepStrictEqual(yield* kept(phones[0]), nothing)
        assert.deepStrictEqual(yield* kept(phones[1]), { code: { ...code, purpose: "signIn" }, wrongTries: [start] })
      })
    )

    it.effect("undoes what a transaction undoes", () =>
      Effect.gen(function* () {
        const passcodes = yield* PasscodeRepository
        const { atomic } = yield* Transaction
        const phone = somePhone()
        const code = { hash: hash(1), expiresAt: after("10 minutes") }
        yield* passcodes.issue(phone, yield* request(phone), code, start)
        const all = Effect.gen(function* () {
          yield* passcodes.lock(phone, start)
          yield* passcodes.addWrongTry(phone, start, after("-1 hour"))
          yield* passcodes.use(phone)
          yield* request(phone)
          return yield* Effect.fail("undone")
        })
        yield* Effect.exit(atomic(all))
        assert.deepStrictEqual(yield* kept(phone), { code: { ...code, purpose: "signIn" }, wrongTries: [] })
      })
    )

    it.effect("lets one after the other try a code, so that every try sees those before", () =>
      Effect.gen(function* () {
        const passcodes = yield* PasscodeRepository
        const { atomic } = yield* Transaction
        for (const phone of [somePhone(), somePhone()]) {
          const attempt = atomic(
            Effect.gen(function* () {
              const { wrongTries } = yield* passcodes.lock(phone, start)
              yield* Effect.yieldNow
              yield* passcodes.addWrongTry(phone, start, after("-1 hour"))
              return wrongTries.length
            })
          )
          const seen = yield* Effect.replicateEffect(attempt, 12, { concurrency: "unbounded" })
          assert.deepStrictEqual(
            seen.toSorted((one, other) => one - other),
            Array.from({ length: 12 }, (_, n) => n)
          )
        }
      })
    )

    it.effect("forgets numbers that nothing happened to since, whatever happened last", () =>
      Effect.gen(function* () {
        const passcodes = yield* PasscodeRepository
        const code = { hash: hash(1), expiresAt: after("1 day") }
        const [requested, issued, tried, looked, old] = [
          somePhone(),
          somePhone(),
          somePhone(),
          somePhone(),
          somePhone()
        ]
        const later = after("1 hour")
        const ids = new Map<string, PasscodeRequestId>()
        for (const phone of [requested, issued, tried, looked, old]) {
          const id = yield* request(phone, { now: after("55 minutes") })
          ids.set(phone, id)
          yield* passcodes.issue(phone, id, code, after("55 minutes"))
        }
        yield* request(requested, { now: later })
        yield* passcodes.issue(issued, ids.get(issued) ?? someId(), code, later)
        yield* passcodes.addWrongTry(tried, later, start)
        yield* passcodes.lock(looked, later)
        yield* passcodes.deleteUnusedSince(later)
        assert.isNotNull((yield* kept(issued)).code)
        assert.isNotNull((yield* kept(looked)).code)
        assert.deepStrictEqual((yield* kept(tried)).wrongTries, [later])
        assert.deepStrictEqual(yield* kept(old), nothing)
        const id = yield* request(requested, { now: later })
        assert.isTrue(yield* passcodes.issue(requested, id, code, later))
        yield* passcodes.deleteUnusedSince(after("61 minutes"))
        for (const phone of [requested, issued, tried]) assert.deepStrictEqual(yield* kept(phone), nothing)
      })
    )
  })
