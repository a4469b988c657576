import { Effect, Layer, Option } from "effect"
import { SqlClient } from "effect/sql"
import { Readiness, type ReadinessCheck } from "./adapters/http/Readiness.ts"
import { EventPublisherInProcess } from "./adapters/inprocess/EventPublisherInProcess.ts"
import { RevocationsInProcess } from "./adapters/inprocess/RevocationsInProcess.ts"
import { LimitStoreMemory } from "./adapters/limits/LimitStoreMemory.ts"
import { LimitStoreRedis } from "./adapters/limits/LimitStoreRedis.ts"
import { EventPublisherJetStream } from "./adapters/nats/EventPublisherJetStream.ts"
import { NatsConnection } from "./adapters/nats/NatsConnection.ts"
import { RevocationsNats } from "./adapters/nats/RevocationsNats.ts"
import { database, migrate } from "./adapters/postgres/Database.ts"
import { InstanceLock } from "./adapters/postgres/InstanceLock.ts"
import { migrations } from "./adapters/postgres/migrations/Migrations.ts"
import { RateLimitsEffect } from "./adapters/limits/RateLimitsEffect.ts"
import { RedisConnection } from "./adapters/redis/RedisConnection.ts"
import type { Configuration } from "./Configuration.ts"
import type { Revocations } from "./domain/accounts/Session.ts"
import type { EventPublisher } from "./domain/events/EventPublisher.ts"
import type { RateLimits } from "./domain/shared/RateLimits.ts"

type Settings = Configuration["Service"]

/** Connections to the server; each takes four statements at once. */
const maxConnections = 10

/** Where the data is: a server, or the folder of the embedded database. */
export const databaseOptions = ({ databaseUrl, dataDir }: Pick<Settings, "databaseUrl" | "dataDir">) =>
  Option.match(databaseUrl, {
    onNone: () => ({ _tag: "Embedded", dataDir }) as const,
    onSome: (url) => ({ _tag: "Server", url, maxConnections }) as const
  })

const Database = (settings: Settings) =>
  migrate(migrations).pipe(Layer.provideMerge(database(databaseOptions(settings))))

/** Without NATS nothing tells instances of each other, so there may be one only; an embedded database has a lock of its own. */
const OneInstance = ({ databaseUrl, natsUrl }: Settings) =>
  Option.isSome(databaseUrl) && Option.isNone(natsUrl)
    ? InstanceLock.layer({ url: databaseUrl.value })
    : InstanceLock.notNeeded

/** What carries events and revocations between instances, or within the only one. */
const Bus = ({ natsSubjectPrefix, natsUrl }: Settings): Layer.Layer<EventPublisher | Revocations> =>
  Option.match(natsUrl, {
    onNone: () => Layer.merge(EventPublisherInProcess, RevocationsInProcess),
    onSome: (url) =>
      Layer.merge(EventPublisherJetStream, RevocationsNats).pipe(
        Layer.provideMerge(NatsConnection.layer({ url, subjectPrefix: natsSubjectPrefix }))
      )
  })

const Limits = ({ rateLimitPerMinute, redisUrl }: Settings): Layer.Layer<RateLimits> =>
  RateLimitsEffect({ requestsPerMinute: rateLimitPerMinute }).pipe(
    Layer.provideMerge(
      Option.match(redisUrl, {
        onNone: () => LimitStoreMemory,
        onSome: (url) => LimitStoreRedis().pipe(Layer.provideMerge(RedisConnection({ url })))
      })
    )
  )

/** Everything outside the process, connected as the environment says. */
export const Infrastructure = (settings: Settings) =>
  Layer.mergeAll(Database(settings), OneInstance(settings), Bus(settings), Limits(settings))

/** Asks the database and, where there is one, the broker. Without Redis the server works, so it is not asked. */
export const ReadinessOfInfrastructure = Readiness.layer(
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const nats = yield* Effect.serviceOption(NatsConnection)
    const checks: Array<ReadinessCheck> = [{ name: "database", answers: Effect.orDie(Effect.as(sql`SELECT 1`, true)) }]
    if (Option.isSome(nats)) checks.push({ name: "nats", answers: Effect.map(nats.value.live, Option.isSome) })
    return checks
  })
)
