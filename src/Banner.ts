import { Effect, Layer, Option } from "effect"
import { HttpServer } from "effect/http"
import { resolve } from "node:path"
import { projectVersion } from "./adapters/http/docs/ProjectVersion.ts"
import type { Configuration } from "./Configuration.ts"

type Settings = Configuration["Service"]

const mail = ({ environment, smtp }: Settings, url: string): string => {
  if (Option.isSome(smtp)) return "SMTP server (SMTP_URL)"
  return environment === "production" ? "waits; set SMTP_URL to send it" : `${url}/dev/outbox; set SMTP_URL to send it`
}

const sms = ({ environment, twilio }: Settings, url: string): string => {
  if (Option.isSome(twilio)) return "Twilio (TWILIO_ACCOUNT_SID)"
  return environment === "production"
    ? "off; set TWILIO_ACCOUNT_SID to sign in by phone"
    : `${url}/dev/outbox; set TWILIO_ACCOUNT_SID to send it`
}

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
    ["mail", mail(settings, url)],
    ["sms", sms(settings, url)],
    ["limits", Option.isSome(settings.redisUrl) ? "Redis (REDIS_URL)" : "in process; set REDIS_URL to share them"],
    ...(settings.workers === 1 ? [] : [["workers", `${settings.workers} processes (WORKERS)`] as const]),
    ["upstream", Option.isSome(settings.upstream) ? "UPSTREAM_URL" : "off; set UPSTREAM_URL to hand notes on"]
  ]
}

/** Where clients on this machine reach it. */
export const urlOf = (host: string, port: number): string => {
  const name = host === "127.0.0.1" ? "localhost" : host.includes(":") ? `[${host}]` : host
  return `http://${name}:${port}`
}

/** The first lines printed: where it listens, where the docs are and the data lies, and what is embedded. */
export const printBanner = Effect.fnUntraced(function* (settings: Settings, url: string) {
  const title = `Rookery ${projectVersion()} is up on ${url} (${settings.environment})`
  const parts = lines(settings, url)
  if (settings.logFormat === "json") {
    return yield* Effect.logInfo(title).pipe(Effect.annotateLogs(Object.fromEntries(parts)))
  }
  const width = Math.max(...parts.map(([part]) => part.length))
  yield* Effect.sync(() =>
    process.stdout.write(
      [title, ...parts.map(([part, what]) => `  ${part.padEnd(width)}  ${what}`)].map((line) => `${line}\n`).join("")
    )
  )
})

/** Prints it when the server listens. */
export const Banner = (settings: Settings) =>
  Layer.effectDiscard(
    Effect.flatMap(HttpServer.HttpServer, ({ address }) =>
      printBanner(settings, address._tag === "UnixPathAddress" ? "" : urlOf(settings.host, address.port))
    )
  )
