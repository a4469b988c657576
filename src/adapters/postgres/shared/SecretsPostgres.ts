import { Effect, Layer, Option, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import { Secrets } from "../../../domain/shared/Secrets.ts"

const SecretRow = Schema.Struct({ value: Schema.RedactedFromValue(Schema.String) })

export const SecretsPostgres = Layer.effect(
  Secrets,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const find = SqlSchema.findOneOption({
      Request: Schema.String,
      Result: SecretRow,
      execute: (name) => sql`SELECT value FROM secrets WHERE name = ${name}`
    })

    const getOrCreate = Effect.fn("Secrets.getOrCreate")(function* (name: string, generate: Effect.Effect<string>) {
      const found = yield* find(name)
      if (Option.isSome(found)) return found.value.value
      const value = yield* generate
      // Whoever comes second waits for the first to commit, inserts nothing, and reads what the first one wrote.
      yield* sql`INSERT INTO secrets ${sql.insert({ name, value })} ON CONFLICT (name) DO NOTHING`
      const kept = yield* Effect.fromOption(yield* find(name))
      return kept.value
    }, Effect.orDie)

    return Secrets.of({ getOrCreate })
  })
)
