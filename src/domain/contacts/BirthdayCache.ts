import { Context, Duration, type Effect } from "effect"
import type { AccountId } from "../accounts/Account.ts"
import type { Birthday } from "./Birthday.ts"
import type { UpcomingBirthday } from "./UpcomingBirthday.ts"

/** How long what was found is kept at most. */
export const keptFor = Duration.hours(1)

/** What is longer than that is found anew each time. */
export const mostKept = 1000

/** Keeps what was found of an account's birthdays for an hour. Without it everything works, only slower. */
export class BirthdayCache extends Context.Service<
  BirthdayCache,
  {
    /**
     * What was found for that account and day, or what `find` finds now. What was being found while the account was
     * forgotten is not kept.
     */
    lookup<E, R>(
      owner: AccountId,
      day: Birthday,
      find: Effect.Effect<ReadonlyArray<UpcomingBirthday>, E, R>
    ): Effect.Effect<ReadonlyArray<UpcomingBirthday>, E, R>
    /** To be called after a change was committed and before it is answered. On every instance nothing older is found again. */
    forget(owner: AccountId): Effect.Effect<void>
  }
>()("rookery/domain/contacts/BirthdayCache") {}
