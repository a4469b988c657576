import { Clock, Duration, Effect, Layer } from "effect"
import type { AccountId } from "../../domain/accounts/Account.ts"
import { BirthdayCache, keptFor, mostKept } from "../../domain/contacts/BirthdayCache.ts"
import { KeptBirthdays } from "./KeptBirthdays.ts"

/** People in all lists together; some 20 MB when full, and 10,000 lists at most. */
const capacity = 100_000

/** Somebody is finding out. */
interface Search {
  outdated: boolean
}

/** For the only instance there is. */
export const BirthdayCacheInProcess = Layer.sync(BirthdayCache, () => {
  const kept = new KeptBirthdays(capacity)
  const searches = new Map<AccountId, Set<Search>>()

  const begin = (owner: AccountId): Search => {
    const search = { outdated: false }
    searches.set(owner, (searches.get(owner) ?? new Set()).add(search))
    return search
  }

  const end = (owner: AccountId, search: Search): void => {
    const others = searches.get(owner)
    others?.delete(search)
    if (others?.size === 0) searches.delete(owner)
  }

  return BirthdayCache.of({
    lookup: Effect.fnUntraced(function* (owner, day, find) {
      const known = kept.get(owner, day, yield* Clock.currentTimeMillis)
      if (known !== undefined) return known
      const search = begin(owner)
      const people = yield* Effect.ensuring(
        find,
        Effect.sync(() => end(owner, search))
      )
      if (search.outdated || people.length > mostKept) return people
      const now = yield* Clock.currentTimeMillis
      kept.set(owner, day, people, now + Duration.toMillis(keptFor), now)
      return people
    }),
    forget: (owner) =>
      Effect.sync(() => {
        kept.delete(owner)
        for (const search of searches.get(owner) ?? []) search.outdated = true
      })
  })
})
