import { Context, type Effect, type Stream } from "effect"
import type { AccountId } from "../accounts/Account.ts"
import type { MessageNews } from "./Notification.ts"

/** What an instance hears: for whom there is something new in the log. */
export type Wake =
  | {
      readonly _tag: "Woken"
      readonly accountId: AccountId
      /** What it is that is new, where that was said: it is in the log, too, behind what else may be new there. */
      readonly news?: MessageNews
    }
  /** Wakes may have been missed: everybody's log has to be looked at. */
  | { readonly _tag: "Missed" }

/** Wakes whoever holds a connection of an account, on every instance. What there is to tell is in the log. */
export class Notifier extends Context.Service<
  Notifier,
  {
    /** To be called after the commit. Never fails: who could not be woken looks by himself within a few seconds. */
    wake(accounts: ReadonlyArray<AccountId>): Effect.Effect<void>
    /** As {@link wake}, of what has certainly been committed. Other instances may hear of no more than the account. */
    tell(news: MessageNews): Effect.Effect<void>
    /** Every wake of every instance, also this one's own, from subscription on. */
    readonly wakes: Stream.Stream<Wake>
  }
>()("rookery/domain/notifications/Notifier") {}
