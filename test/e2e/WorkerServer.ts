import { execFileSync } from "node:child_process"
import { assert } from "vitest"
import {
  type LaunchedRookery,
  launching,
  type RookeryServer,
  startRookery,
  temporaryFolder
} from "../support/RookeryServer.ts"
import { eventually } from "./Eventually.ts"
import { PinnedClient } from "./PinnedClient.ts"
import { server, TestScope } from "./Suites.ts"

type Variables = Readonly<Record<string, string>>

/** A server of two workers, and what its services are. */
export class WorkerServer {
  readonly scope = new TestScope()
  #server: RookeryServer | undefined

  get server(): RookeryServer {
    if (this.#server === undefined) throw new Error("the server has not been started")
    return this.#server
  }

  readonly start = async (extra: Variables = {}) => {
    this.#server = await this.scope.open(startRookery(await this.#options(extra)))
  }

  /** Without waiting for anything. */
  readonly launch = async (extra: Variables = {}): Promise<LaunchedRookery> =>
    this.scope.open(launching(await this.#options(extra)))

  readonly #options = async (extra: Variables) => ({
    dataDir: await this.scope.open(temporaryFolder),
    env: { ...(await this.scope.open(server.variables)), RATE_LIMIT_PER_MINUTE: "0", WORKERS: "2", ...extra }
  })

  /** A client of each worker, in their order. */
  readonly clients = async (): Promise<readonly [PinnedClient, PinnedClient]> => {
    const found = new Map<number, PinnedClient>()
    await eventually(async () => {
      const client = new PinnedClient(this.server.url)
      const worker = await workerBehind(client)
      if (found.has(worker)) client.close()
      else found.set(worker, client)
      assert.strictEqual(found.size, 2)
    })
    const [first, second] = [found.get(1), found.get(2)]
    if (first === undefined || second === undefined) throw new Error("the workers have other numbers")
    return [first, second]
  }
}

/** Its processes by their numbers. */
export const workersOf = ({ process: { pid } }: LaunchedRookery): ReadonlyMap<number, number> => {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" }).split("\n")
  const rows = lines.map((line) => /^\s*(\d+)\s+(\d+)\s.*--worker=(\d+)/.exec(line))
  return new Map(
    rows.flatMap((row) => (row !== null && Number(row[2]) === pid ? [[Number(row[3]), Number(row[1])] as const] : []))
  )
}

export const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** A metric's values by their workers; undefined is the one without a worker. */
export const byWorker = (text: string, name: string, label = ""): ReadonlyMap<number | undefined, number> => {
  const samples = text.split("\n").filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
  return new Map(
    samples
      .filter((line) => line.includes(label))
      .map((line) => {
        const worker = /worker="(\d+)"/.exec(line)?.[1]
        return [worker === undefined ? undefined : Number(worker), Number(line.slice(line.lastIndexOf(" ")))]
      })
  )
}

const healthy = async (client: PinnedClient) =>
  byWorker((await client.get("/metrics")).text, "rookery_http_requests_total", 'route="/health"')

/** By what it has counted; nobody else may ask for its health meanwhile. */
const workerBehind = async (client: PinnedClient): Promise<number> => {
  const before = await healthy(client)
  assert.strictEqual((await client.get("/health")).status, 200)
  return eventually(async () => {
    const risen = [...(await healthy(client))].filter(([worker, count]) => count > (before.get(worker) ?? 0))
    const worker = risen[0]?.[0]
    if (risen.length !== 1 || worker === undefined) throw new Error("not counted yet")
    return worker
  })
}
