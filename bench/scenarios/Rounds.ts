import { Console, Effect, type Scope } from "effect"
import type { BenchError } from "../BenchError.ts"
import type { Plan } from "../Plan.ts"
import type { Entrant, Figures, Metric, Scenario } from "./Scenario.ts"

export interface Played {
  readonly scenario: Scenario
  readonly entrants: ReadonlyArray<{
    readonly name: string
    readonly title: string
    readonly rounds: ReadonlyArray<Figures>
  }>
}

/** Only whoever is driven runs: what others do in the background would be in the figures of everybody. */
const alone = Effect.fnUntraced(function* <A>({ turns }: Entrant, effect: Effect.Effect<A, BenchError>) {
  if (turns === undefined) return yield* effect
  yield* turns.resume
  const result = yield* effect
  yield* turns.pause
  return result
})

const shown = (metrics: ReadonlyArray<Metric>, figures: Figures) =>
  metrics
    .flatMap(({ digits, name, title }) => {
      const value = figures[name]
      return value === undefined ? [] : [`${title} ${value.toFixed(digits)}`]
    })
    .join("  ")

/** Every round has each entrant once (A B C A B C ...), so that what the machine does meanwhile befalls all of them. */
export const play = Effect.fnUntraced(function* (
  scenario: Scenario,
  entering: Effect.Effect<ReadonlyArray<Entrant>, BenchError, Scope.Scope>,
  { rounds, smoke }: Pick<Plan, "rounds" | "smoke">
): Effect.fn.Return<Played, BenchError, Scope.Scope> {
  yield* Console.log(`\n${scenario.title}`)
  const entrants = yield* entering
  if (!smoke) for (const entrant of entrants) yield* alone(entrant, entrant.warmUp)
  const figures = new Map<string, Array<Figures>>(entrants.map(({ name }) => [name, []]))
  for (let round = 1; round <= Math.min(rounds, scenario.mostRounds ?? rounds); round++) {
    for (const entrant of entrants) {
      const result = yield* alone(entrant, entrant.round(round))
      figures.get(entrant.name)?.push(result)
      yield* Console.log(`  ${round}  ${entrant.name.padEnd(9)} ${shown(scenario.metrics, result)}`)
    }
  }
  return { scenario, entrants: entrants.map(({ name, title }) => ({ name, title, rounds: figures.get(name) ?? [] })) }
}, Effect.scoped)
