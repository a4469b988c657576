import { assert } from "vitest"
import { ApiClient } from "../support/ApiClient.ts"
import { type RookeryServer, startRookery, temporaryFolder } from "../support/RookeryServer.ts"
import { server, TestScope } from "./Suites.ts"
import { talkerVariables } from "./Talkers.ts"

/** One of several servers on one database, which can be killed and started again. */
class Instance {
  readonly api = new ApiClient(() => this.url)
  readonly #pair: TwoInstances
  #server: RookeryServer | undefined
  #printed = ""

  constructor(pair: TwoInstances) {
    this.#pair = pair
  }

  get url(): string {
    return this.#server?.url ?? "http://127.0.0.1:1"
  }

  readonly output = () => this.#printed + (this.#server?.output() ?? "")

  readonly start = async () => {
    this.#server = await this.#pair.launch()
  }

  readonly kill = async () => {
    if (this.#server === undefined) return
    this.#server.process.kill("SIGKILL")
    await this.#server.ended
    this.#printed = this.output()
    this.#server = undefined
  }
}

/** Two instances on one Postgres, told of each other by NATS. */
export class TwoInstances {
  readonly scope = new TestScope()
  readonly a = new Instance(this)
  readonly b = new Instance(this)
  #env: Readonly<Record<string, string>> = {}

  readonly launch = async () => {
    const dataDir = await this.scope.open(temporaryFolder)
    return this.scope.open(startRookery({ dataDir, env: this.#env }))
  }

  /** With `extra` beside what two servers need. */
  readonly start = async (extra: Readonly<Record<string, string>> = {}) => {
    const shared = await this.scope.open(server.variables)
    this.#env = { ...shared, RATE_LIMIT_PER_MINUTE: "0", ...talkerVariables, ...extra }
    await Promise.all([this.a.start(), this.b.start()])
  }

  /** They have logged no token and no defect. */
  readonly assertDiscreet = () => {
    const output = this.a.output() + this.b.output()
    for (const { api } of [this.a, this.b]) for (const secret of api.secrets) assert.notInclude(output, secret)
    assert.notMatch(output, /ERROR|FATAL|Request failed/)
  }
}
