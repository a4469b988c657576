import { Clock, Console, DateTime, Effect, type Scope } from "effect"
import { BenchError } from "./BenchError.ts"
import { compare } from "./Comparison.ts"
import { postgresServer } from "./database/BenchDatabase.ts"
import { grow } from "./Growth.ts"
import { loadGenerator } from "./load/LoadGenerators.ts"
import type { BenchOptions } from "./Options.ts"
import type { Measured, Plan } from "./Plan.ts"
import { writeResults } from "./report/Files.ts"
import { commit, machineOf } from "./report/MachineOf.ts"
import { markdown } from "./report/Markdown.ts"
import type { Run } from "./report/Results.ts"
import { growing } from "./scenarios/Scenarios.ts"

const planOf = ({ generator, rounds, scenarios, seconds, servers, smoke }: BenchOptions): Plan => ({
  scenarios,
  servers,
  smoke,
  rounds: rounds ?? (smoke ? 1 : 5),
  seconds: seconds ?? (smoke ? 0.5 : 2),
  generator: loadGenerator(generator)
})

/** Where the results are kept of a run of everything, as it is made for that. */
const home = ({ rounds, scenarios, seconds, servers, smoke }: BenchOptions) =>
  smoke || [scenarios, servers, rounds, seconds].some((option) => option !== undefined)
    ? undefined
    : import.meta.dirname

const measure = (
  plan: Plan,
  measuring: (plan: Plan, server: string) => Effect.Effect<Measured, BenchError, Scope.Scope>
) =>
  Effect.gen(function* () {
    const date = DateTime.formatIso(DateTime.makeUnsafe(yield* Clock.currentTimeMillis))
    const server = yield* postgresServer(process.env.DATABASE_URL)
    const { leftOut, scenarios, sql } = yield* measuring(plan, server)
    const { generator, rounds, seconds } = plan
    const machine = yield* machineOf(sql)
    return {
      date,
      commit: commit(),
      machine,
      generator: generator.name,
      rounds,
      seconds,
      leftOut,
      scenarios
    } satisfies Run
  }).pipe(Effect.scoped)

const growingNames = growing.map(({ name }) => name)

/** What can't be done together. */
const refusal = ({ growth, scenarios, servers }: BenchOptions): string | undefined => {
  if (!growth) return undefined
  if (servers !== undefined) return "--growth measures Rookery alone: leave out --server"
  const others = scenarios?.filter((name) => !growingNames.includes(name)) ?? []
  return others.length === 0
    ? undefined
    : `--growth has the scenarios ${growingNames.join(", ")}, and not ${others.join(", ")}`
}

/** Measures what the options say, prints it, and writes it where it is to be kept. */
export const bench = Effect.fnUntraced(function* (options: BenchOptions) {
  const refused = refusal(options)
  if (refused !== undefined) return yield* new BenchError({ message: refused })
  const run = yield* measure(planOf(options), options.growth ? grow : compare)
  const results = options.growth ? { growth: run } : { comparison: run }
  yield* Console.log(`\n${markdown({ comparison: null, growth: null, ...results })}`)
  const folder = options.out ?? home(options)
  if (folder === undefined) return
  yield* writeResults(folder, results)
  yield* Console.log(`Written: results.json, RESULTS.md and results.svg in ${folder}`)
})
