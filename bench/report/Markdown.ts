import type { Results, Run, ScenarioResult, ServerResult } from "./Results.ts"
import { flatness, outcomes } from "./Targets.ts"

type Metric = ScenarioResult["metrics"][number]

const row = (cells: ReadonlyArray<string>) => `| ${cells.join(" | ")} |`

/** All columns but the first are numbers. */
const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>) =>
  [row(head), row(head.map((_, column) => (column === 0 ? "---" : "---:"))), ...rows.map(row)].join("\n")

const thousands = (value: number, digits: number) =>
  value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })

/** A median, and how many times Rookery's it is. */
const cell = ({ medians, name, ratios }: ServerResult, metric: Metric) => {
  const value = medians[metric.name]
  if (value === undefined) return "–"
  const ratio = ratios[metric.name]
  const text = thousands(value, metric.digits)
  return ratio === undefined || name === "rookery" ? text : `${text} (${ratio.toFixed(2)})`
}

const scenarioTable = ({ metrics, servers, title }: ScenarioResult, first: string) =>
  [
    `### ${title}`,
    "",
    table(
      [first, ...metrics.map((metric) => metric.title)],
      servers.map((server) => [server.title, ...metrics.map((metric) => cell(server, metric))])
    )
  ].join("\n")

const yes = (met: boolean) => (met ? "met" : "**not met**")

const targetTable = (run: Run) => {
  const rows = outcomes(run).map(({ against, met, metric, ratio, scenario, wanted }) => [
    `${scenario}, ${metric}`,
    against,
    wanted,
    ratio.toFixed(2),
    yes(met)
  ])
  const text = "Rookery's median divided by the other's."
  return rows.length === 0
    ? ""
    : `## Targets\n\n${text}\n\n${table(["what", "against", "wanted", "measured", ""], rows)}\n`
}

const circumstances = ({ commit, date, generator, leftOut, machine, rounds, seconds }: Run) => {
  const { cores, fsync, memory, node, postgres, processor, synchronousCommit, system } = machine
  const lines = [
    `${date.slice(0, 10)}, commit \`${commit}\`. ${processor}, ${cores} cores, ${memory.toFixed(0)} GB, ${system}.`,
    `Node ${node}, PostgreSQL ${postgres} (\`fsync\` ${fsync}, \`synchronous_commit\` ${synchronousCommit}), driven by`,
    `${generator} on the same machine: ${rounds} rounds of ${seconds} s for each server in each scenario.`
  ]
  return [lines.join("\n"), ...leftOut.map((reason) => `\nLeft out: ${reason}.`)].join("\n")
}

const comparison = (run: Run) =>
  [
    "# Rookery beside other servers",
    circumstances(run),
    "Medians of the rounds; in parentheses what a round is to Rookery's in the same round (the median of that).",
    "![Speed relative to Rookery](results.svg)",
    targetTable(run),
    "## Scenarios",
    ...run.scenarios.map((scenario) => scenarioTable(scenario, "server"))
  ]
    .filter((part) => part !== "")
    .map((part) => part.trimEnd())
    .join("\n\n")

const growth = (run: Run) => {
  const rows = flatness(run).map(({ flat, ratio, scenario }) => [scenario, ratio.toFixed(2), flat ? "yes" : "**no**"])
  return [
    "# Rookery on growing tables",
    circumstances(run),
    "The slowest median answer, on whichever size, divided by the one on the smallest; flat is at most 1.20.",
    table(["scenario", "p50, slowest by smallest", "flat"], rows),
    ...run.scenarios.map((scenario) => scenarioTable(scenario, "contacts in the table"))
  ].join("\n\n")
}

/** RESULTS.md: all figures as tables, and whether they are what they are to be. */
export const markdown = (results: Results): string =>
  [
    ...(results.comparison === null ? [] : [comparison(results.comparison)]),
    ...(results.growth === null ? [] : [growth(results.growth)])
  ].join("\n\n") + "\n"
