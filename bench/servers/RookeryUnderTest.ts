import { Effect, Schema } from "effect"
import { mkdtempSync } from "node:fs"
import { join } from "node:path"
import packageJson from "../../package.json" with { type: "json" }
import { BenchError, wordsOf } from "../BenchError.ts"
import { password, usernameOf } from "../database/Dataset.ts"
import { ask, bearer, form, forwardedFor, type HttpRequest, json } from "../load/HttpRequest.ts"
import { freePort } from "../Ports.ts"
import { running } from "../Process.ts"
import type { Server, World } from "./Server.ts"

const root = join(import.meta.dirname, "../..")

/** Those that `npm start` gives to Node. */
const nodeFlags = packageJson.scripts.start.split(" ").filter((word) => word.startsWith("--"))

/** Not those of requests, which come from the same addresses. */
const firstAddress = 0xf00000

const TokenPair = Schema.fromJsonString(Schema.Struct({ access_token: Schema.String }))

/**
 * As its README says it runs in production. Rate limits are on: no address comes near them, since requests are forwarded for many.
 */
export const launchRookery = Effect.fnUntraced(function* (
  { folder, jwtSecret }: Omit<World, "databaseUrl">,
  env: Readonly<Record<string, string>>
) {
  const port = yield* freePort
  const cwd = yield* Effect.sync(() => mkdtempSync(join(folder, "rookery-")))
  const process = yield* running({
    command: join(root, "node_modules/.bin/node"),
    args: [...nodeFlags, join(root, "src/main.ts")],
    // A folder of its own, so that no `.env` is read.
    cwd,
    env: {
      NODE_ENV: "production",
      APP_ENV: "production",
      NODE_COMPILE_CACHE: join(root, "node_modules/.cache/rookery/modules"),
      HOST: "127.0.0.1",
      PORT: String(port),
      DATA_DIR: join(cwd, "data"),
      JWT_SECRET: jwtSecret,
      // The tokens of one run last as long as it does.
      JWT_ACCESS_TTL: "12 hours",
      LOG_LEVEL: "Error",
      TRUST_PROXY: "1",
      RATE_LIMIT_PER_MINUTE: "1000000",
      ...env
    }
  })
  return { url: `http://127.0.0.1:${port}`, process }
})

const signIn = async (url: string, username: string, address: number): Promise<string> => {
  const body = new URLSearchParams({ username, password }).toString()
  const headers = { ...form, ...forwardedFor(address) }
  const answer = await ask(url, { method: "POST", path: "/api/v1/auth/login", headers, body })
  if (answer.status !== 200) throw new Error(`Rookery refused to sign in (${answer.status}): ${answer.body}`)
  return Schema.decodeSync(TokenPair)(answer.body).access_token
}

const Created = Schema.fromJsonString(Schema.Struct({ id: Schema.Int }))

/** A new account with a contact, where the database is empty or has both already; what asks for the contact. */
export const contactOfOwn = (url: string): Effect.Effect<HttpRequest, BenchError> =>
  Effect.tryPromise({
    try: async (): Promise<HttpRequest> => {
      const username = "embedded"
      const account = JSON.stringify({ username, password })
      await ask(url, { method: "POST", path: "/auth/register", headers: json, body: account })
      const owner = bearer(await signIn(url, username, firstAddress))
      const body = JSON.stringify({ first_name: "Ada", last_name: "Lovelace" })
      const answer = await ask(url, { method: "POST", path: "/api/v1/contacts", headers: { ...json, ...owner }, body })
      const { id } = Schema.decodeSync(Created)(answer.body)
      return { method: "GET", path: `/api/v1/contacts/${id}`, headers: owner }
    },
    catch: (error) => new BenchError({ message: wordsOf(error) })
  })

export const rookery: Server = {
  name: "rookery",
  title: "Rookery",
  kind: "rookery",
  missing: Effect.undefined,
  launch: (world) => launchRookery(world, { DATABASE_URL: world.databaseUrl }),
  tokens: Effect.fnUntraced(function* (_, url, accounts) {
    const signedIn = yield* Effect.forEach(
      accounts,
      (account) =>
        Effect.tryPromise({
          try: async () => [account, await signIn(url, usernameOf(account), firstAddress + account)] as const,
          catch: (error) => new BenchError({ message: wordsOf(error) })
        }),
      { concurrency: 4 }
    )
    return new Map(signedIn)
  })
}
