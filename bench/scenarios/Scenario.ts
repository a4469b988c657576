import type { Effect, Scope } from "effect"
import type { SqlClient } from "effect/sql"
import type { BenchError } from "../BenchError.ts"
import type { OwnContact } from "../database/Dataset.ts"
import type { Sizes } from "../database/Sizes.ts"
import type { LoadGenerator } from "../load/LoadGenerator.ts"
import type { Launched, Server, Tokens, World } from "../servers/Server.ts"
import type { Turns } from "../Turns.ts"

export interface Metric {
  readonly name: string
  readonly title: string
  readonly better: "higher" | "lower"
  /** How many digits it is shown with behind the point. */
  readonly digits: number
}

/** What one round of one server came to, by the names of the metrics. What can't be known on a system is left out. */
export type Figures = Readonly<Record<string, number>>

/** Who takes part in the rounds of a scenario. */
export interface Entrant {
  readonly name: string
  readonly title: string
  /** It is paused while others are driven; absent where there is nothing to pause. */
  readonly turns?: Turns
  /** As a round, but nobody looks at the outcome. */
  readonly warmUp: Effect.Effect<void, BenchError>
  readonly round: (round: number) => Effect.Effect<Figures, BenchError>
}

/** A server that runs and waits for requests. */
export interface Contender extends Launched, Pick<Server, "name" | "title" | "kind"> {
  readonly tokens: Tokens
  readonly turns: Turns
  /** Resident before its first request. */
  readonly idleMegabytes: number | undefined
}

/** What the scenarios are played on. */
export interface Stage {
  readonly sizes: Sizes
  /** That each server is driven for in a round. */
  readonly seconds: number
  /** Requests under way at once, where it is not what the scenario has. */
  readonly connections?: number
  readonly generator: LoadGenerator
  readonly world: World
  /** Whether PostgreSQL is measured by itself, too. */
  readonly pgbench: boolean
  readonly servers: ReadonlyArray<Server>
  /** Those servers, running; nobody, where a scenario starts them itself. */
  readonly contenders: ReadonlyArray<Contender>
  /** The contacts of each user that scenarios use. */
  readonly contacts: ReadonlyMap<number, ReadonlyArray<OwnContact>>
  readonly sql: SqlClient.SqlClient
}

export interface Scenario {
  readonly name: string
  readonly title: string
  /** The first is what it is about. */
  readonly metrics: readonly [Metric, ...ReadonlyArray<Metric>]
  /** Rounds that are enough, where they take long. */
  readonly mostRounds?: number
  /** Whether it starts the servers itself, and none may run beside. */
  readonly startsServers?: boolean
  /** What they hold on to, they hold as long as the scenario is played. */
  readonly entrants: (stage: Stage) => Effect.Effect<ReadonlyArray<Entrant>, BenchError, Scope.Scope>
}
