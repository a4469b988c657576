import { DateTime, Effect, type Result } from "effect"
import type { AccountId } from "../../domain/accounts/Account.ts"
import type { DisplayName } from "../../domain/talk/Friend.ts"
import { seenBy, type Stances, statusOf } from "../../domain/talk/Friendship.ts"
import { type ChangedSide, FriendshipRepository } from "../../domain/talk/FriendshipRepository.ts"

/** What one side does: what comes of it for the pair, as that side sees it. */
export type Action<E> = (pair: Stances) => Result.Result<Stances, E>

/**
 * Changes a pair as one of the two wants it, in the surrounding transaction. The answer is for whom something changed.
 *
 * What the other side sees stays to the letter where its status does: a time of a touch, or a name that comes back, would
 * tell as much as a status that somebody was declined.
 */
export const makePairs = Effect.gen(function* () {
  const friendships = yield* FriendshipRepository

  return Effect.fnUntraced(function* <E>(
    one: AccountId,
    other: AccountId,
    action: Action<E>,
    displayName?: DisplayName | null
  ) {
    const before = yield* friendships.lockPair(one, other)
    const after = yield* Effect.fromResult(action(before))
    const seen = seenBy(before, after)
    const concerned = [...(seen.mine || displayName !== undefined ? [one] : []), ...(seen.theirs ? [other] : [])]
    if (concerned.length === 0) return concerned
    // Both are out of sight at once, and what they called each other with them.
    const outOfSight: Pick<ChangedSide, "displayName"> = statusOf(after) === undefined ? { displayName: null } : {}
    const named = displayName === undefined ? {} : { displayName }
    const mine = { stance: after.mine, touched: seen.mine, ...named, ...outOfSight }
    const theirs = { stance: after.theirs, touched: seen.theirs, ...outOfSight }
    yield* friendships.savePair(one, other, { mine, theirs }, yield* DateTime.now)
    return concerned
  })
})
