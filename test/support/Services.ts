import { Effect, type Redacted, type Scope } from "effect"
import { describe, inject } from "vitest"
import { isCI } from "./ServiceProbe.ts"
import { createDatabase } from "./TestDatabases.ts"

const { postgres, redis, nats, s3, chromium } = inject("services")

const missing = [postgres, redis, nats, s3, chromium].filter((service) => service.url === undefined)
if (isCI() && missing.length > 0) {
  const list = missing.map(({ name, where }) => `${name} at ${where}`).join(", ")
  throw new Error(`CI is set, so every service must be there. Missing: ${list}`)
}

/** The address of each service, or undefined where it does not answer. */
export const postgresUrl = postgres.url
export const redisUrl = redis.url
export const natsUrl = nats.url
export const s3Url = s3.url
export const chromiumPath = chromium.url

/**
 * `describe` for tests that need services: skipped when one of them is away, which the start of the run says aloud.
 *
 *     describeWith(postgresUrl, natsUrl)("the relay", () => { ... })
 */
export const describeWith = (...needed: ReadonlyArray<string | undefined>) =>
  describe.skipIf(needed.some((address) => address === undefined))

/** The address of a new, empty database on the PostgreSQL server; it is dropped when the scope closes. */
export const freshDatabase = (): Effect.Effect<Redacted.Redacted, never, Scope.Scope> =>
  postgresUrl === undefined
    ? Effect.die(new Error(`no PostgreSQL at ${postgres.where}`))
    : Effect.orDie(createDatabase(postgresUrl, inject("testRun")))
