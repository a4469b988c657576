import type { SqlClient } from "effect/sql"
import type { LoadGenerator } from "./load/LoadGenerator.ts"
import type { BenchOptions } from "./Options.ts"
import type { ScenarioResult } from "./report/Results.ts"

/** What a run is made of, once it is known what was asked for. */
export interface Plan extends Pick<BenchOptions, "scenarios" | "servers" | "smoke"> {
  readonly rounds: number
  readonly seconds: number
  readonly generator: LoadGenerator
}

/** What was measured, who could not be, and a connection to where. */
export interface Measured {
  readonly scenarios: ReadonlyArray<ScenarioResult>
  readonly leftOut: ReadonlyArray<string>
  readonly sql: SqlClient.SqlClient
}

/** Who is named; all where nobody is. */
export const chosen = <A extends { readonly name: string }>(
  all: ReadonlyArray<A>,
  names: ReadonlyArray<string> | undefined
): ReadonlyArray<A> => all.filter(({ name }) => names === undefined || names.includes(name))
