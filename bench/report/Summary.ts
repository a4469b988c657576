import type { Played } from "../scenarios/Rounds.ts"
import type { Figures } from "../scenarios/Scenario.ts"
import { median, medianRatio } from "../Statistics.ts"
import type { ScenarioResult, ServerResult } from "./Results.ts"

/** Of a metric in each round; undefined where it could not be told. */
const valuesOf = (rounds: ReadonlyArray<Figures>, metric: string) => rounds.map((figures) => figures[metric])

const each = (
  metrics: ReadonlyArray<{ readonly name: string }>,
  value: (name: string) => number | undefined
): Figures =>
  Object.fromEntries(
    metrics.flatMap(({ name }) => {
      const known = value(name)
      return known === undefined || !Number.isFinite(known) ? [] : [[name, known] as const]
    })
  )

/** Medians of the rounds, and ratios to the one of them that is the base. */
export const summarize = ({ entrants, scenario }: Played, base: string): ScenarioResult => {
  const { metrics, name, title } = scenario
  const ofBase = entrants.find((entrant) => entrant.name === base)?.rounds ?? []
  const servers = entrants.map((entrant): ServerResult => {
    const medianOf = (metric: string) => {
      const known = valuesOf(entrant.rounds, metric).filter((value) => value !== undefined)
      return known.length === 0 ? undefined : median(known)
    }
    const ratioOf = (metric: string) => medianRatio(valuesOf(entrant.rounds, metric), valuesOf(ofBase, metric))
    return { ...entrant, medians: each(metrics, medianOf), ratios: each(metrics, ratioOf) }
  })
  return { name, title, metrics, servers }
}
