import { Console, Effect, type Scope } from "effect"
import type { BenchError } from "./BenchError.ts"
import { findProgram } from "./database/PostgresPrograms.ts"
import { fullSizes, smokeSizes } from "./database/Sizes.ts"
import { chosen, type Measured, type Plan } from "./Plan.ts"
import { summarize } from "./report/Summary.ts"
import { play } from "./scenarios/Rounds.ts"
import { scenarios } from "./scenarios/Scenarios.ts"
import type { Server } from "./servers/Server.ts"
import { servers } from "./servers/Servers.ts"
import { contend, openData } from "./Stage.ts"

/** Takes part in the rounds, but is no server of HTTP. */
export const pgbench = { name: "pgbench", title: "pgbench" }

/** Who is chosen and can take part, and why others can't. */
const gather = Effect.fnUntraced(function* (plan: Plan) {
  const present: Array<Server> = []
  const leftOut: Array<string> = []
  for (const server of chosen(servers, plan.servers)) {
    const reason = yield* server.missing
    if (reason === undefined) present.push(server)
    else leftOut.push(`${server.title}: ${reason}`)
  }
  const wanted = chosen([pgbench], plan.servers).length > 0
  const installed = findProgram("pgbench") !== undefined
  if (wanted && !installed) leftOut.push("PostgreSQL alone: pgbench is not installed")
  for (const line of leftOut) yield* Console.log(`Left out: ${line}`)
  return { present, leftOut, pgbench: wanted && installed }
})

/** Rookery, other servers and limits on one database. */
export const compare = Effect.fnUntraced(function* (
  plan: Plan,
  server: string
): Effect.fn.Return<Measured, BenchError, Scope.Scope> {
  const { leftOut, pgbench, present } = yield* gather(plan)
  const sizes = plan.smoke ? smokeSizes : fullSizes
  yield* Console.log(`Loading ${sizes.users} users with ${sizes.contacts} contacts each`)
  const data = yield* openData(server, sizes)
  const stage = { ...data, ...plan, pgbench, servers: present, contenders: [] }
  const playing = chosen(scenarios, plan.scenarios)
  const starts = yield* Effect.forEach(
    playing.filter(({ startsServers }) => startsServers === true),
    (scenario) => play(scenario, scenario.entrants(stage), plan)
  )
  const others = playing.filter(({ startsServers }) => startsServers !== true)
  const contenders = others.length === 0 ? [] : yield* Effect.forEach(present, (one) => contend(one, data))
  const played = yield* Effect.forEach(others, (scenario) =>
    play(scenario, scenario.entrants({ ...stage, contenders }), plan)
  )
  const results = [...starts, ...played].map((result) => summarize(result, "rookery"))
  return { scenarios: results, leftOut, sql: data.sql }
})
