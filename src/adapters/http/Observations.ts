import { Context, type Effect } from "effect"

/** What is measured when somebody reads `/metrics`. Each is bounded, never fails, and leaves what it cannot measure. */
export const Observations = Context.Reference<ReadonlyArray<Effect.Effect<void>>>(
  "rookery/adapters/http/Observations",
  {
    defaultValue: () => []
  }
)
