import { Effect, Layer, Option } from "effect"
import type { RateLimiter } from "effect/persistence"
import { SqlClient } from "effect/sql"
import { Observations } from "./adapters/http/Observations.ts"
import { Readiness, type ReadinessCheck } from "./adapters/http/Readiness.ts"
import { BirthdayCacheInProcess } from "./adapters/inprocess/BirthdayCacheInProcess.ts"
import { BirthdayCacheNone } from "./adapters/inprocess/BirthdayCacheNone.ts"
import { EventPublisherInProcess } from "./adapters/inprocess/EventPublisherInProcess.ts"
import { NotifierInProcess } from "./adapters/inprocess/NotifierInProcess.ts"
import { RevocationsInProcess } from "./adapters/inprocess/RevocationsInProcess.ts"
import { LimitStoreMemory } from "./adapters/limits/LimitStoreMemory.ts"
import { observeConnections } from "./adapters/postgres/ConnectionMetrics.ts"
import { database, migrate } from "./adapters/postgres/Database.ts"
import { InstanceLock } from "./adapters/postgres/InstanceLock.ts"
import { migrations } from "./adapters/postgres/migrations/Migrations.ts"
import { SecretsPostgres } from "./adapters/postgres/shared/SecretsPostgres.ts"
import { RateLimitsEffect } from "./adapters/limits/RateLimitsEffect.ts"
import type { Configuration } from "./Configuration.ts"
import type { Revocations } from "./domain/accounts/Revocations.ts"
import type { BirthdayCache } from "./domain/contacts/BirthdayCache.ts"
import type { EventPublisher } from "./domain/events/EventPublisher.ts"
import type { Notifier } from "./domain/notifications/Notifier.ts"
import type { RateLimits } from "./domain/shared/RateLimits.ts"
import type { Secrets } from "./domain/shared/Secrets.ts"

type Settings = Configuration["Service"]

/** Connections of one process to the server; each takes eight statements at once. */
export const maxConnections = 10

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

/** For clients of what may not be configured: loading one takes a tenth of a second, and up to 30 MB. */
export const lazily = <A, E, R>(load: () => Promise<Layer.Layer<A, E, R>>) => Layer.unwrap(Effect.promise(load))

/** What carries events, revocations and wakes between instances, or within the only one. */
const Bus = ({ natsSubjectPrefix, natsUrl }: Settings): Layer.Layer<EventPublisher | Revocations | Notifier> =>
  Option.match(natsUrl, {
    onNone: () => Layer.mergeAll(EventPublisherInProcess, RevocationsInProcess, NotifierInProcess),
    onSome: (url) =>
      lazily(async () => {
        const { BusOverNats } = await import("./BusOverNats.ts")
        return BusOverNats({ url, subjectPrefix: natsSubjectPrefix })
      })
  })

/**
 * Counts and caches: shared between instances, or the only one's own. Several instances without Redis count each for
 * itself and cache nothing that another could have changed.
 */
const Shared = ({
  natsUrl,
  redisUrl
}: Settings): Layer.Layer<RateLimiter.RateLimiterStore | BirthdayCache, never, Secrets> =>
  Option.match(redisUrl, {
    onNone: () => Layer.merge(LimitStoreMemory, Option.isSome(natsUrl) ? BirthdayCacheNone : BirthdayCacheInProcess),
    onSome: (url) =>
      lazily(async () => {
        const { SharedOverRedis } = await import("./SharedOverRedis.ts")
        return SharedOverRedis({ url })
      })
  })

const Limits = (settings: Settings): Layer.Layer<RateLimits | BirthdayCache, never, Secrets> =>
  RateLimitsEffect({ requestsPerMinute: settings.rateLimitPerMinute }).pipe(Layer.provideMerge(Shared(settings)))

/** Everything outside the process, connected as the environment says. Who has to wait for another instance migrates nothing. */
export const Infrastructure = (settings: Settings) =>
  Layer.merge(
    Bus(settings),
    Limits(settings).pipe(
      Layer.provide(SecretsPostgres),
      Layer.provideMerge(Database(settings)),
      Layer.provideMerge(OneInstance(settings))
    )
  )

const natsConnection = Effect.fnUntraced(function* ({ natsUrl }: Settings) {
  if (Option.isNone(natsUrl)) return Option.none()
  const { NatsConnection } = yield* Effect.promise(() => import("./adapters/nats/NatsConnection.ts"))
  return yield* Effect.serviceOption(NatsConnection)
})

/** Asks the database and, where there is one, the broker. Without Redis the server works, so it is not asked. */
export const ReadinessOfInfrastructure = (settings: Settings) =>
  Readiness.layer(
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const nats = yield* natsConnection(settings)
      const checks: Array<ReadinessCheck> = [
        { name: "database", answers: Effect.orDie(Effect.as(sql`SELECT 1`, true)) }
      ]
      if (Option.isSome(nats)) checks.push({ name: "nats", answers: Effect.map(nats.value.live, Option.isSome) })
      return checks
    })
  )

/** What `/metrics` shows of it. */
export const ObservationsOfInfrastructure = Layer.effect(
  Observations,
  Effect.map(observeConnections, (connections) => [connections])
)
