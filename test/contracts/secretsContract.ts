import { assert, layer } from "@effect/vitest"
import { Effect, type Layer, Redacted, Ref } from "effect"
import { Secrets } from "../../src/domain/shared/Secrets.ts"

/** Every Secrets must pass this, whatever it keeps them in. */
export const secretsContract = <E>(name: string, adapter: Layer.Layer<Secrets, E>) =>
  layer(adapter, { excludeTestServices: true })(`Secrets: ${name}`, (it) => {
    const random = Effect.sync(() => crypto.randomUUID())

    it.effect("makes a secret up once", () =>
      Effect.gen(function* () {
        const secrets = yield* Secrets
        const count = yield* Ref.make(0)
        const generate = Effect.andThen(
          Ref.update(count, (made) => made + 1),
          random
        )
        const secret = yield* secrets.getOrCreate("once", generate)
        assert.lengthOf(Redacted.value(secret), 36)
        assert.strictEqual(Redacted.value(yield* secrets.getOrCreate("once", generate)), Redacted.value(secret))
        assert.strictEqual(yield* Ref.get(count), 1)
        assert.notInclude(`${secret}`, Redacted.value(secret))
      })
    )

    it.effect("keeps a secret for each name", () =>
      Effect.gen(function* () {
        const secrets = yield* Secrets
        const [one, other] = [yield* secrets.getOrCreate("one", random), yield* secrets.getOrCreate("other", random)]
        assert.notStrictEqual(Redacted.value(one), Redacted.value(other))
      })
    )

    it.effect("gives everybody the same one who asks at once", () =>
      Effect.gen(function* () {
        const secrets = yield* Secrets
        const asking = Array.from({ length: 12 }, () => secrets.getOrCreate("raced", random))
        const found = yield* Effect.all(asking, { concurrency: "unbounded" })
        assert.strictEqual(new Set(found.map(Redacted.value)).size, 1)
      })
    )
  })
