import { Effect, Layer } from "effect"
import { BirthdayCache } from "../../domain/contacts/BirthdayCache.ts"

/** For several instances that can't tell each other what changed: nothing is kept. */
export const BirthdayCacheNone = Layer.succeed(BirthdayCache, {
  lookup: (_owner, _day, find) => find,
  forget: () => Effect.void
})
