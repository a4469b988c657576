import { Effect, Exit } from "effect"
import { access, constants } from "node:fs/promises"
import { connect } from "node:net"
import type { TestProject } from "vitest/node"
import { newRun, sweepAbandoned, sweepRun } from "./TestDatabases.ts"

/** A service that tests use: where it is expected, and its address when it is there. */
export interface FoundService {
  readonly name: string
  readonly where: string
  readonly url: string | undefined
}

export interface FoundServices {
  readonly postgres: FoundService
  readonly redis: FoundService
  readonly nats: FoundService
  readonly s3: FoundService
  readonly chromium: FoundService
}

declare module "vitest" {
  interface ProvidedContext {
    readonly services: FoundServices
    readonly testRun: string
  }
}

const connectTimeoutMillis = 1000

const answers = (host: string, port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect({ host, port, timeout: connectTimeoutMillis })
    const done = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.on("connect", () => done(true))
    socket.on("timeout", () => done(false))
    socket.on("error", () => done(false))
  })

const server = async (name: string, url: string, defaultPort: number): Promise<FoundService> => {
  // Only host and port are ever shown: the address may hold a password.
  const { hostname, port } = new URL(url)
  const host = hostname.replace(/^\[(.*)\]$/, "$1")
  const found = await answers(host, port === "" ? defaultPort : Number(port))
  return { name, where: `${hostname}:${port === "" ? defaultPort : port}`, url: found ? url : undefined }
}

const program = (name: string, path: string): Promise<FoundService> =>
  access(path, constants.X_OK).then(
    () => ({ name, where: path, url: path }),
    () => ({ name, where: path, url: undefined })
  )

export const isCI = () => !["", "0", "false", undefined].includes(process.env.CI?.toLowerCase())

/** A server that answers and lets nobody in is no service. The sweep is the first thing that has to sign in. */
const letsIn = async (found: FoundService): Promise<FoundService> => {
  if (found.url === undefined) return found
  const swept = await Effect.runPromiseExit(sweepAbandoned(found.url))
  return Exit.isSuccess(swept) ? found : { ...found, where: `${found.where} that lets this user in`, url: undefined }
}

/** Runs once for all test files: looks for the services, and takes away the databases that runs leave behind. */
export default async function setup(project: TestProject) {
  const [postgres, redis, nats, s3, chromium] = await Promise.all([
    server("PostgreSQL", process.env.TEST_DATABASE_URL ?? "postgres://postgres@127.0.0.1:5432/test", 5432).then(letsIn),
    server("Redis", process.env.TEST_REDIS_URL ?? "redis://127.0.0.1:6379", 6379),
    server("NATS", process.env.TEST_NATS_URL ?? "nats://127.0.0.1:4222", 4222),
    // What scripts/s3-store.sh starts. The user is the access key's id, the password its secret, both percent-encoded.
    server("S3 store", process.env.TEST_S3_URL ?? "http://test%3Atester:testing@127.0.0.1:18080", 80),
    program("Chromium", process.env.CHROMIUM ?? "/usr/bin/chromium")
  ])
  const run = await Effect.runPromise(newRun)
  project.provide("services", { postgres, redis, nats, s3, chromium })
  project.provide("testRun", run)
  if (!isCI()) {
    for (const { name, where, url } of [postgres, redis, nats, s3, chromium]) {
      if (url === undefined) console.error(`SKIPPED: no ${name} at ${where}`)
    }
  }
  const { url } = postgres
  return url === undefined ? undefined : () => Effect.runPromise(sweepRun(url, run))
}
