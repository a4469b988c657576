import { Effect } from "effect"
import { globSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { BenchError } from "../BenchError.ts"
import { findProgram } from "../database/PostgresPrograms.ts"
import { cleanEvents } from "../database/Events.ts"
import type { Sizes } from "../database/Sizes.ts"
import { statement } from "../peers/Statements.ts"
import { finished } from "../Process.ts"
import type { Entrant, Stage } from "../scenarios/Scenario.ts"
import { percentile } from "../Statistics.ts"

/** Connections: as many as the servers have. */
const connections = 10

const noteBody = "Call: asked for the price list of next year, and whether the drawings have arrived. Call back."

/** The statement of each scenario, and what its parameters are. */
const statements = {
  contact: { name: "contact", parameters: [":contact", ":account"] },
  list: { name: "contacts", parameters: [":account", "20", "0"] },
  note: { name: "note", parameters: [":contact", ":account", ":body"] }
} as const

/** The scenarios that are one statement of Postgres. */
export type StatementScenario = keyof typeof statements

/** The same users and contacts that the servers are asked for; see how the data gives contacts to users. */
const scriptOf = (scenario: StatementScenario, { contacts, driven, users }: Sizes) => {
  const { name, parameters } = statements[scenario]
  const sql = statement(name)
    // It takes what follows a colon for a variable, in quotes too.
    .replaceAll("HH24:MI:SS", 'HH24":"MI":"SS')
    .replaceAll(/\$(\d)/g, (_, number) => parameters[Number(number) - 1] ?? "NULL")
  return [
    `\\set account random(1, ${driven})`,
    `\\set contact :account + ${users} * random(0, ${contacts - 1})`,
    `${sql};`
  ].join("\n")
}

/** What PostgreSQL does by itself with the statement of a scenario; undefined where there is no pgbench. */
export const pgbenchEntrant = (scenario: StatementScenario, { seconds, sizes, sql, world }: Stage) => {
  const program = findProgram("pgbench")
  if (program === undefined) return undefined
  const folder = mkdtempSync(join(world.folder, "pgbench-"))
  const script = join(folder, "script.sql")
  writeFileSync(script, scriptOf(scenario, sizes))

  const round = (number: number) =>
    Effect.gen(function* () {
      const log = `round${number}`
      const output = yield* finished({
        command: program,
        cwd: folder,
        args: `--no-vacuum --protocol=prepared --client=${connections} --time=${Math.ceil(seconds)} --log`
          .split(" ")
          .concat(`--log-prefix=${log}`, `--define=body=${noteBody}`, `--file=${script}`, world.databaseUrl)
      })
      if (scenario === "note") yield* cleanEvents(sql)
      const rps = Number(/^tps = ([\d.]+)/m.exec(output)?.[1])
      const latencies = latenciesIn(folder, log)
      if (!(rps > 0) || latencies.length === 0) {
        return yield* new BenchError({ message: `pgbench did not say how it went: ${output.trim()}` })
      }
      return { rps, p50: percentile(latencies, 50), p99: percentile(latencies, 99) }
    })

  return {
    name: "pgbench",
    title: "PostgreSQL alone (pgbench)",
    round,
    warmUp: Effect.asVoid(round(0))
  } satisfies Entrant
}

/** In milliseconds; the log has a transaction a line, and its microseconds in the third column. */
const latenciesIn = (folder: string, log: string): ReadonlyArray<number> =>
  globSync(`${log}.*`, { cwd: folder }).flatMap((file) =>
    readFileSync(join(folder, file), "utf8")
      .split("\n")
      .flatMap((line) => (line === "" ? [] : [Number(line.split(" ")[2]) / 1000]))
  )
