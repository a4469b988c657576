import { Effect, Layer, Option } from "effect"
import { HttpServer } from "effect/http"
import { resolve } from "node:path"
import { projectVersion } from "./adapters/http/docs/ProjectVersion.ts"
import type { Configuration } from "./Configuration.ts"

type Settings = Configuration["Service"]

const lines = (settings: Settings, url: string): ReadonlyArray<readonly [name: string, what: string]> => {
  const folder = resolve(settings.dataDir)
  return [
    ["docs", `${url}/docs and ${url}/redoc`],
    [
      "data",
      Option.isSome(settings.databaseUrl)
        ? "PostgreSQL server (DATABASE_URL)"
        : `embedded PostgreSQL in ${folder}/postgres`
    ],
    [
      "events",
      Option.isSome(settings.natsUrl) ? "NATS JetStream (NATS_URL)" : "in process; set NATS_URL for JetStream"
    ],
    ["limits", Option.isSome(settings.redisUrl) ? "Redis (REDIS_URL)" : "in process; set REDIS_URL to share them"],
    ["upstream", Option.isSome(settings.upstream) ? "UPSTREAM_URL" : "off; set UPSTREAM_URL to hand notes on"]
  ]
}

/** The first lines printed: where it listens, where the docs are and the data lies, and what is embedded. */
export const Banner = (settings: Settings) =>
  Layer.effectDiscard(
    Effect.gen(function* () {
      const { address } = yield* HttpServer.HttpServer
      const name =
        settings.host === "127.0.0.1" ? "localhost" : settings.host.includes(":") ? `[${settings.host}]` : settings.host
      const url = address._tag === "UnixPathAddress" ? "" : `http://${name}:${address.port}`
      const title = `Rookery ${projectVersion()} is up on ${url} (${settings.environment})`
      const parts = lines(settings, url)
      if (settings.logFormat === "json") {
        return yield* Effect.logInfo(title).pipe(Effect.annotateLogs(Object.fromEntries(parts)))
      }
      const width = Math.max(...parts.map(([part]) => part.length))
      yield* Effect.sync(() =>
        process.stdout.write(
          [title, ...parts.map(([part, what]) => `  ${part.padEnd(width)}  ${what}`)]
            .map((line) => `${line}\n`)
            .join("")
        )
      )
    })
  )
