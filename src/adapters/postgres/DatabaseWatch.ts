import { Context, type Effect } from "effect"
import type { EmbeddedPostgresCrashed } from "./EmbeddedPostgres.ts"

/** What the process should watch while it runs, and end by: a database that cannot come back by itself. */
export class DatabaseWatch extends Context.Service<
  DatabaseWatch,
  {
    /** Never returns until it fails. A server that is away does not fail it: the pool connects again. */
    readonly lost: Effect.Effect<never, EmbeddedPostgresCrashed>
  }
>()("rookery/adapters/postgres/DatabaseWatch") {}
