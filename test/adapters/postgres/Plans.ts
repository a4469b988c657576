import { assert } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Statement } from "effect/sql"

/** A step of a plan, with what was measured of it where it was carried out. */
export interface Plan {
  readonly "Node Type": string
  readonly "Scan Direction"?: string
  readonly "Relation Name"?: string
  readonly "Index Name"?: string
  readonly "Index Cond"?: string
  readonly "Actual Rows"?: number
  readonly "Actual Loops"?: number
  readonly "Rows Removed by Filter"?: number
  readonly "Heap Fetches"?: number
  readonly Plans?: ReadonlyArray<Plan>
}
const Plan = Schema.Struct({
  "Node Type": Schema.String,
  "Scan Direction": Schema.optionalKey(Schema.String),
  "Relation Name": Schema.optionalKey(Schema.String),
  "Index Name": Schema.optionalKey(Schema.String),
  "Index Cond": Schema.optionalKey(Schema.String),
  "Actual Rows": Schema.optionalKey(Schema.Number),
  "Actual Loops": Schema.optionalKey(Schema.Number),
  "Rows Removed by Filter": Schema.optionalKey(Schema.Number),
  "Heap Fetches": Schema.optionalKey(Schema.Number),
  Plans: Schema.optionalKey(Schema.Array(Schema.suspend((): Schema.Codec<Plan> => Plan)))
})
const Explained = Schema.Tuple([
  Schema.Struct({
    "QUERY PLAN": Schema.Tuple([Schema.Struct({ Plan, "Execution Time": Schema.optionalKey(Schema.Number) })])
  })
])

export interface ExplainedStatement {
  /** All steps. */
  readonly steps: ReadonlyArray<Plan>
  /** In milliseconds; only where it was carried out. */
  readonly executionTime: number | undefined
}

const stepsOf = (plan: Plan): ReadonlyArray<Plan> => [plan, ...(plan.Plans ?? []).flatMap(stepsOf)]

/** The plans of an effect's statements, as the planner sees their parameters; `analyze` carries them out to measure. */
export const plansOf = Effect.fnUntraced(function* <A, E, R>(effect: Effect.Effect<A, E, R>, analyze = false) {
  const statements: Array<ExplainedStatement> = []
  const explain: Statement.Transformer = (statement, sql) =>
    sql`EXPLAIN (FORMAT JSON ${sql.literal(analyze ? ", ANALYZE" : "")}) ${statement}`.pipe(
      Effect.provideService(Statement.CurrentTransformer, undefined),
      Effect.flatMap(Schema.decodeUnknownEffect(Explained)),
      Effect.tap(([row]) => {
        const [{ "Execution Time": executionTime, Plan }] = row["QUERY PLAN"]
        statements.push({ steps: stepsOf(Plan), executionTime })
        return Effect.void
      }),
      Effect.as(statement),
      Effect.orDie
    )
  yield* Effect.exit(Effect.provideService(effect, Statement.CurrentTransformer, explain))
  assert.isNotEmpty(statements)
  return statements
})

/** Rows that a step has looked at. */
export const rowsRead = (step: Plan): number =>
  ((step["Actual Rows"] ?? 0) + (step["Rows Removed by Filter"] ?? 0)) * (step["Actual Loops"] ?? 0)

const median = (times: ReadonlyArray<number>) => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0

/** Each statement takes less than so many ms; of five runs, where the machine lets it: others may keep it busy for a while. */
export const assertFast = Effect.fnUntraced(function* <A, E, R>(effect: Effect.Effect<A, E, R>, longest: number) {
  const times: Array<number> = []
  for (let round = 0; round < 10; round++) {
    const statements = yield* Effect.replicateEffect(plansOf(effect, true), 5)
    times.push(median(statements.flat().map(({ executionTime = Number.POSITIVE_INFINITY }) => executionTime)))
    if ((times.at(-1) ?? longest) < longest) return
    yield* Effect.sleep("200 millis")
  }
  assert.fail(`took ${times.join(", ")} ms`)
})
