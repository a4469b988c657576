import { Effect, type Scope } from "effect"
import { SignJWT } from "jose"
import { BenchError, wordsOf } from "../BenchError.ts"
import { ask } from "../load/HttpRequest.ts"
import type { Running } from "../Process.ts"

/** What all servers share. */
export interface World {
  /** Loaded with the data. */
  readonly databaseUrl: string
  /** Of HS256. */
  readonly jwtSecret: string
  /** A folder for whatever a server wants to keep; gone when the bench ends. */
  readonly folder: string
}

export interface Launched {
  readonly url: string
  readonly process: Running
}

/** Access tokens by account. */
export type Tokens = ReadonlyMap<number, string>

export interface Server {
  /** By which it is chosen. */
  readonly name: string
  /** For people. */
  readonly title: string
  readonly kind: "rookery" | "peer" | "limit"
  /** Why it has to be left out on this machine, if so. */
  readonly missing: Effect.Effect<string | undefined>
  /** Starts its process and returns without waiting for it to be up; it is stopped with the scope. */
  readonly launch: (world: World) => Effect.Effect<Launched, BenchError, Scope.Scope>
  /** Tokens of these accounts, from the running server or for it. */
  readonly tokens: (world: World, url: string, accounts: ReadonlyArray<number>) => Effect.Effect<Tokens, BenchError>
}

/** How long a server may take to start, in milliseconds. */
const patience = 30_000

/** Until it answers whatever it is asked. */
export const whenUp = (title: string, { process, url }: Launched): Effect.Effect<void, BenchError> =>
  Effect.tryPromise({
    try: async () => {
      const deadline = performance.now() + patience
      while (performance.now() < deadline && process.isRunning()) {
        const answer = await ask(url, { method: "GET", path: "/api/v1/contacts/1", headers: {} }).catch(() => undefined)
        if (answer !== undefined) return
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      throw new Error(`${title} did not start:\n${process.output().trim()}`)
    },
    catch: (error) => new BenchError({ message: wordsOf(error) })
  })

/** Tokens that a server which shares the secret takes. */
export const signedTokens = (
  { jwtSecret }: Pick<World, "jwtSecret">,
  accounts: ReadonlyArray<number>
): Effect.Effect<Tokens> =>
  Effect.promise(async () => {
    const key = new TextEncoder().encode(jwtSecret)
    const sign = (account: number) =>
      new SignJWT({})
        .setProtectedHeader({ alg: "HS256", typ: "JWT" })
        .setSubject(String(account))
        .setIssuedAt()
        .setExpirationTime("12h")
        .sign(key)
    return new Map(await Promise.all(accounts.map(async (account) => [account, await sign(account)] as const)))
  })
