import { assert, it } from "@effect/vitest"
import { Context, Effect, Layer, Redacted } from "effect"
import { MemoryWorld } from "../../../src/adapters/memory/MemoryWorld.ts"
import { SecretsMemory } from "../../../src/adapters/memory/SecretsMemory.ts"
import { AccountId } from "../../../src/domain/accounts/Account.ts"
import { Birthday } from "../../../src/domain/contacts/Birthday.ts"
import { BirthdayCache } from "../../../src/domain/contacts/BirthdayCache.ts"
import { ContactId } from "../../../src/domain/contacts/Contact.ts"
import { SharedOverRedis } from "../../../src/SharedOverRedis.ts"
import { describeWith, redisUrl } from "../../support/Services.ts"

/** The cache of an instance on that database. */
const cacheOn = (database: Layer.Layer<MemoryWorld>) =>
  SharedOverRedis({ url: Redacted.make(redisUrl ?? "") }).pipe(
    Layer.provide(SecretsMemory),
    Layer.provide(database),
    Layer.fresh,
    Layer.build,
    Effect.map(Context.get(BirthdayCache))
  )

const database = Effect.map(Layer.build(Layer.fresh(MemoryWorld.layer)), (context) => Layer.succeedContext(context))

describeWith(redisUrl)("a Redis that several databases share", () => {
  it.live("keeps what was found in each apart, and together for all instances on it", () =>
    Effect.gen(function* () {
      const [one, another] = [yield* database, yield* database]
      const [here, there, elsewhere] = [yield* cacheOn(one), yield* cacheOn(one), yield* cacheOn(another)]
      const owner = AccountId.make(1)
      const day = Birthday.make("2026-11-20")
      const bob = { id: ContactId.make(1), firstName: "Bob", lastName: null, birthday: day, daysUntil: 0 }
      yield* Effect.addFinalizer(() => here.forget(owner))
      yield* Effect.addFinalizer(() => elsewhere.forget(owner))
      yield* here.lookup(owner, day, Effect.succeed([bob]))
      assert.deepStrictEqual(yield* there.lookup(owner, day, Effect.succeed([])), [bob])
      assert.deepStrictEqual(yield* elsewhere.lookup(owner, day, Effect.succeed([])), [])
    }).pipe(Effect.scoped)
  )
})
