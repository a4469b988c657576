import { Effect, Layer, Redacted } from "effect"
import { randomUUID } from "node:crypto"
import { LimitStoreRedis } from "./adapters/limits/LimitStoreRedis.ts"
import { BirthdayCacheRedis } from "./adapters/redis/BirthdayCacheRedis.ts"
import { RedisConnection, type RedisOptions } from "./adapters/redis/RedisConnection.ts"
import { Secrets } from "./domain/shared/Secrets.ts"

/** One Redis may serve several databases, and an account of one has the id of another's: each has a name of its own. */
const BirthdaysOfDatabase = Layer.unwrap(
  Effect.gen(function* () {
    const secrets = yield* Secrets
    const name = yield* secrets.getOrCreate("cache", Effect.sync(randomUUID))
    return BirthdayCacheRedis({ prefix: `rookery:birthdays:${Redacted.value(name)}:` })
  })
)

export const SharedOverRedis = (options: RedisOptions) =>
  Layer.merge(LimitStoreRedis(), BirthdaysOfDatabase).pipe(Layer.provide(RedisConnection(options)))
