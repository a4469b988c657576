import { Context, type Effect, type Redacted } from "effect"

/** Secrets that nobody configured: made up once, and from then on the same for every instance on this database. */
export class Secrets extends Context.Service<
  Secrets,
  {
    /** The secret of that name. Where there is none yet, `generate` makes one; of several at once the first is kept. */
    getOrCreate(name: string, generate: Effect.Effect<string>): Effect.Effect<Redacted.Redacted<string>>
  }
>()("rookery/domain/shared/Secrets") {}
