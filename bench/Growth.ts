import { Console, Effect, type Scope } from "effect"
import type { BenchError } from "./BenchError.ts"
import { fullSizes, type Sizes, smokeSizes } from "./database/Sizes.ts"
import { chosen, type Measured, type Plan } from "./Plan.ts"
import { summarize } from "./report/Summary.ts"
import { play } from "./scenarios/Rounds.ts"
import { growing } from "./scenarios/Scenarios.ts"
import { rookery } from "./servers/RookeryUnderTest.ts"
import { contend, openData } from "./Stage.ts"

/** Contacts in the tables. */
const full = [10_000, 100_000, 1_000_000, 5_000_000]
const smoke = [200, 400]

/** Requests under way at once: few, so that it is the answers that take their time and not the queue. */
const connections = 4

/** So many contacts altogether, as many for each user as ever; the same users are driven. */
const sizesOf = (total: number, { contacts, driven }: Sizes, least: number): Sizes => ({
  users: Math.floor(total / contacts),
  contacts,
  driven: Math.min(driven, Math.floor(least / contacts)),
  fanOutUsers: 0,
  socketsOfEach: 0,
  pairs: 0
})

const open = Effect.fnUntraced(function* (plan: Plan, server: string, total: number, sizes: Sizes) {
  yield* Console.log(`Loading ${total} contacts`)
  const data = yield* openData(server, sizes)
  const contender = yield* contend(rookery, data)
  const named = { ...contender, name: String(total), title: total.toLocaleString("en-US") }
  return { ...data, ...plan, connections, pgbench: false, servers: [], contenders: [named] }
})

/** Rookery alone, on a database for each size; they take turns as servers do. */
export const grow = Effect.fnUntraced(function* (
  plan: Plan,
  server: string
): Effect.fn.Return<Measured, BenchError, Scope.Scope> {
  const totals = plan.smoke ? smoke : full
  const base = plan.smoke ? smokeSizes : fullSizes
  const least = Math.min(...totals)
  const stages = yield* Effect.forEach(totals, (total) => open(plan, server, total, sizesOf(total, base, least)))
  const played = yield* Effect.forEach(chosen(growing, plan.scenarios), (scenario) =>
    play(
      scenario,
      Effect.map(Effect.forEach(stages, scenario.entrants), (entrants) => entrants.flat()),
      plan
    )
  )
  const results = played.map((result) => summarize(result, String(least)))
  const [{ sql }] = stages as [(typeof stages)[number]]
  return { scenarios: results, leftOut: [], sql }
})
