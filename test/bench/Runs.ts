import type { Played } from "../../bench/scenarios/Rounds.ts"
import type { Run, ScenarioResult } from "../../bench/report/Results.ts"
import { summarize } from "../../bench/report/Summary.ts"

const metrics = [
  { name: "rps", title: "requests/s", better: "higher", digits: 0 },
  { name: "p50", title: "p50 ms", better: "lower", digits: 2 },
  { name: "p99", title: "p99 ms", better: "lower", digits: 2 }
] as const

type Rounds = ReadonlyArray<readonly [rps: number, p50: number, p99: number]>

/** A scenario as it was played, by what each of its servers came to in each round. */
export const playedScenario = (name: string, servers: Readonly<Record<string, Rounds>>): Played => ({
  scenario: { name, title: `The ${name}`, metrics, entrants: () => never() },
  entrants: Object.entries(servers).map(([server, rounds]) => ({
    name: server,
    title: `Server ${server}`,
    rounds: rounds.map(([rps, p50, p99]) => ({ rps, p50, p99 }))
  }))
})

const never = (): never => {
  throw new Error("it is over")
}

export const scenarioResult = (name: string, servers: Readonly<Record<string, Rounds>>, base = "rookery") =>
  summarize(playedScenario(name, servers), base)

export const runOf = (...scenarios: ReadonlyArray<ScenarioResult>): Run => ({
  date: "2026-11-20T20:00:00.000Z",
  commit: "abc1234",
  machine: {
    processor: "A processor",
    cores: 2,
    memory: 8,
    system: "A system",
    node: "26.10.0",
    postgres: "15.1",
    fsync: "on",
    synchronousCommit: "on"
  },
  generator: "wrk",
  rounds: 3,
  seconds: 2,
  leftOut: ["FastAPI: there is no Python"],
  scenarios
})
