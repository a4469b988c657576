import { Schema } from "effect"

/** Values of metrics by their names. */
const Values = Schema.Record(Schema.String, Schema.Finite)

export const MetricOf = Schema.Struct({
  name: Schema.String,
  title: Schema.String,
  better: Schema.Literals(["higher", "lower"]),
  digits: Schema.Int
})

export const ServerResult = Schema.Struct({
  name: Schema.String,
  title: Schema.String,
  rounds: Schema.Array(Values),
  medians: Values,
  /** Medians of what each round is to Rookery's in the same round; nothing where Rookery took no part. */
  ratios: Values
})
export type ServerResult = typeof ServerResult.Type

export const ScenarioResult = Schema.Struct({
  name: Schema.String,
  title: Schema.String,
  /** The first is what it is about. */
  metrics: Schema.NonEmptyArray(MetricOf),
  servers: Schema.Array(ServerResult)
})
export type ScenarioResult = typeof ScenarioResult.Type

export const Machine = Schema.Struct({
  processor: Schema.String,
  cores: Schema.Int,
  /** In gigabytes. */
  memory: Schema.Finite,
  system: Schema.String,
  node: Schema.String,
  postgres: Schema.String,
  /** Settings of PostgreSQL that decide what a commit waits for. */
  fsync: Schema.String,
  synchronousCommit: Schema.String
})
export type Machine = typeof Machine.Type

/** What was measured in one go. */
export const Run = Schema.Struct({
  /** ISO 8601. */
  date: Schema.String,
  /** Of Rookery; ends in `+` where files differed from it. */
  commit: Schema.String,
  machine: Machine,
  generator: Schema.String,
  rounds: Schema.Int,
  /** Of each server in each round. */
  seconds: Schema.Finite,
  /** Who could not take part, and why. */
  leftOut: Schema.Array(Schema.String),
  scenarios: Schema.Array(ScenarioResult)
})
export type Run = typeof Run.Type

/** What results.json holds: servers compared, and Rookery on tables of several sizes. */
export const Results = Schema.Struct({ comparison: Schema.NullOr(Run), growth: Schema.NullOr(Run) })
export type Results = typeof Results.Type
