import { Option, Schema } from "effect"
import { Flag } from "effect/cli"
import { generatorNames } from "./load/LoadGenerators.ts"

/** A list with commas between, of names that there are. */
const namesOf = (names: ReadonlyArray<string>) =>
  Schema.String.check(
    Schema.makeFilter((text) => {
      const unknown = text.split(",").filter((name) => !names.includes(name))
      return unknown.length === 0 ? undefined : `of ${names.join(", ")}, with commas between`
    })
  )

const optional = <A>(flag: Flag.Flag<A>) => flag.pipe(Flag.optional, Flag.map(Option.getOrUndefined))

const chosen = (name: string, names: ReadonlyArray<string>, description: string) =>
  Flag.String(name).pipe(
    Flag.withDescription(`${description}: ${names.join(", ")}. All, if not given`),
    Flag.withSchema(namesOf(names)),
    Flag.map((text): ReadonlyArray<string> => text.split(",")),
    optional
  )

export const flags = (scenarios: ReadonlyArray<string>, servers: ReadonlyArray<string>) => ({
  scenarios: chosen("scenario", scenarios, "What to play, with commas between"),
  servers: chosen("server", servers, "Who takes part, with commas between"),
  rounds: Flag.Int("rounds").pipe(
    Flag.withDescription("How often each server is driven in each scenario, 1 to 100"),
    Flag.withSchema(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100 }))),
    optional
  ),
  seconds: Flag.Finite("seconds").pipe(
    Flag.withDescription("How long each time, 0.1 to 600"),
    Flag.withSchema(Schema.Finite.check(Schema.isBetween({ minimum: 0.1, maximum: 600 }))),
    optional
  ),
  generator: Flag.Literals("generator", generatorNames).pipe(
    Flag.withDescription("What sends the requests; wrk where it is installed, if not given"),
    optional
  ),
  growth: Flag.Boolean("growth").pipe(
    Flag.withDescription("Measures Rookery alone, on tables from 10,000 to 5,000,000 contacts"),
    Flag.withDefault(false)
  ),
  smoke: Flag.Boolean("smoke").pipe(
    Flag.withDescription("Little data and a moment for each: whether everything works, not how fast"),
    Flag.withDefault(false)
  ),
  out: Flag.String("out").pipe(
    Flag.withDescription("A folder for the results; bench, if not given, for a run of everything"),
    optional
  )
})

export interface BenchOptions {
  readonly scenarios: ReadonlyArray<string> | undefined
  readonly servers: ReadonlyArray<string> | undefined
  readonly rounds: number | undefined
  readonly seconds: number | undefined
  readonly generator: (typeof generatorNames)[number] | undefined
  readonly growth: boolean
  readonly smoke: boolean
  readonly out: string | undefined
}
