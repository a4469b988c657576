import { Effect } from "effect"
import type { AccountId } from "../../domain/accounts/Account.ts"
import { Transaction } from "../../domain/shared/Transaction.ts"
import { FriendshipRepository } from "../../domain/talk/FriendshipRepository.ts"
import { makeTelling } from "../notifications/Telling.ts"

/**
 * Before an account is deleted, in the same transaction, which has locked it: who has it in their list is told once it is
 * gone. Not within the transaction, where two friends who leave at once would each wait for the other to be told; who is
 * not told after all sees the change with the next one.
 */
export const makeFarewell = Effect.gen(function* () {
  const friendships = yield* FriendshipRepository
  const tell = yield* makeTelling
  const { afterCommit } = yield* Transaction

  return Effect.fnUntraced(function* (account: AccountId) {
    const friends = yield* friendships.list(account)
    const people = friends.flatMap(({ accountId }) => (accountId === null ? [] : [accountId]))
    const telling = tell(people.map((to) => ({ to, notification: { _tag: "ContactsUpdated" } })))
    yield* afterCommit(
      Effect.catchCause(telling, (cause) => Effect.logWarning("Friends were not told that an account is gone", cause))
    )
  })
})
