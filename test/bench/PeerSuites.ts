import { Effect, Redacted } from "effect"
import { randomBytes } from "node:crypto"
import { assert, beforeAll, describe } from "vitest"
import { type Peer, peers } from "../../bench/peers/Peers.ts"
import { type Environment, type LiveRookery, onEach } from "../e2e/Suites.ts"
import { talkerVariables } from "../e2e/Talkers.ts"
import type { ApiClient } from "../support/ApiClient.ts"
import { freshDatabase, postgresUrl } from "../support/Services.ts"
import { type People, prepare } from "./PeerPeople.ts"
import { type PeerProcess, startPeer } from "./PeerProcess.ts"

/** What all servers sign with. */
export const secret = randomBytes(32).toString("hex")

const onPostgres: Environment = {
  name: "server Postgres",
  needs: [postgresUrl],
  variables: Effect.map(freshDatabase(), (url) => ({ DATABASE_URL: Redacted.value(url), JWT_SECRET: secret }))
}

const entrants = await Promise.all(peers.map(async (peer) => ({ peer, why: await peer.available() })))

/** A peer beside Rookery, on one database. */
export class PeerBeside {
  readonly peer: Peer
  readonly rookery: LiveRookery
  #people: People | undefined
  #process: PeerProcess | undefined

  constructor(peer: Peer, rookery: LiveRookery) {
    this.peer = peer
    this.rookery = rookery
  }

  readonly start = async (people: People) => {
    this.#people = people
    this.#process = await this.rookery.scope.open(startPeer(this.peer, this.rookery.variables))
  }

  get people(): People {
    if (this.#people === undefined) throw new Error("nobody is there yet")
    return this.#people
  }

  get process(): PeerProcess {
    if (this.#process === undefined) throw new Error(`${this.peer.title} has not been started`)
    return this.#process
  }

  get api(): ApiClient {
    return this.process.api
  }

  get both(): ReadonlyArray<ApiClient> {
    return [this.rookery.api, this.api]
  }

  /** What Rookery answers, once it is seen that the peer answers the same. */
  readonly alike = async (ask: (api: ApiClient) => Promise<unknown>): Promise<unknown> => {
    const [ours, theirs] = await Promise.all(this.both.map(ask))
    assert.deepEqual(theirs, ours)
    return ours
  }

  /** The same, where each would be told of what the other does: one after the other. */
  readonly alikeInTurn = async (ask: (api: ApiClient) => Promise<unknown>): Promise<unknown> => {
    const ours = await ask(this.rookery.api)
    assert.deepEqual(await ask(this.api), ours)
    return ours
  }
}

/** Runs a suite for each peer, beside one Rookery; a title says which are left out, and why. */
export const onPeers = (title: string, suite: (beside: PeerBeside) => void) =>
  onEach(
    title,
    (rookery) => {
      const all = entrants.map(({ peer, why }) => ({ why, beside: new PeerBeside(peer, rookery) }))

      beforeAll(async () => {
        const people = await prepare(rookery)
        await Promise.all(all.filter(({ why }) => why === undefined).map(({ beside }) => beside.start(people)))
      }, 60_000)

      for (const { beside, why } of all) {
        const { title } = beside.peer
        describe.skipIf(why !== undefined)(why === undefined ? title : `LEFT OUT: ${title}: ${why}`, () =>
          suite(beside)
        )
      }
    },
    { env: talkerVariables, only: [onPostgres] }
  )
