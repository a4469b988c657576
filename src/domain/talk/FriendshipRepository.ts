import { Context, type DateTime, type Effect, type Option } from "effect"
import type { AccountId, AccountNotFound } from "../accounts/Account.ts"
import type { PhoneDigits } from "../shared/PhoneNumber.ts"
import type { DisplayName, Friend } from "./Friend.ts"
import type { Stance, Stances } from "./Friendship.ts"

/** What is to be kept of one side of a pair. */
export interface ChangedSide {
  readonly stance: Stance
  /** Whether it was touched just now; the first time, both sides are. */
  readonly touched: boolean
  /** What this side calls the other from now on, null for nothing; undefined leaves it as it is. */
  readonly displayName?: DisplayName | null
}

export interface ChangedPair {
  readonly mine: ChangedSide
  readonly theirs: ChangedSide
}

export class FriendshipRepository extends Context.Service<
  FriendshipRepository,
  {
    /**
     * Two who are not the same, as `one` sees it. Until the transaction ends, neither account is deleted, and nobody else
     * locks the pair: whoever changes anything of both sides does this first, and tells others of it last.
     */
    lockPair(one: AccountId, other: AccountId): Effect.Effect<Stances, AccountNotFound>
    /** Of a pair that is locked. One that is forgotten leaves nothing behind. */
    savePair(one: AccountId, other: AccountId, pair: ChangedPair, now: DateTime.Utc): Effect.Effect<void>
    /** Whom the owner sees, invited numbers included; the latest touched first. */
    list(owner: AccountId): Effect.Effect<ReadonlyArray<Friend>>
    /** One of {@link list}. */
    find(owner: AccountId, phone: PhoneDigits): Effect.Effect<Option.Option<Friend>>
    /**
     * For an account that invites the number, or has it from now on. Until the transaction ends, the account is not
     * deleted, and nobody else does either of the two with the number.
     */
    lockNumber(phone: PhoneDigits, account: AccountId): Effect.Effect<void, AccountNotFound>
    /** A request that waits for a number to sign up, which is locked. False where the owner has asked it already. */
    invite(
      owner: AccountId,
      phone: PhoneDigits,
      displayName: DisplayName | null,
      now: DateTime.Utc
    ): Effect.Effect<boolean>
    /** False where there is no invitation. */
    renameInvited(owner: AccountId, phone: PhoneDigits, displayName: DisplayName | null): Effect.Effect<boolean>
    /** What the owner called the number; none where there was no invitation. */
    uninvite(owner: AccountId, phone: PhoneDigits): Effect.Effect<Option.Option<DisplayName | null>>
    /** Who has invited the number, ordered by id. */
    listInviters(phone: PhoneDigits): Effect.Effect<ReadonlyArray<AccountId>>
    /**
     * Whether a number that is locked may be sent an invitation: it was sent none at or after `since`. It counts as sent
     * from `now` on, whatever becomes of the invitation.
     */
    claimSms(phone: PhoneDigits, since: DateTime.Utc, now: DateTime.Utc): Effect.Effect<boolean>
  }
>()("rookery/domain/talk/FriendshipRepository") {}
