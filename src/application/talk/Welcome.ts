import { Effect, Option, Result } from "effect"
import type { AccountId } from "../../domain/accounts/Account.ts"
import type { PhoneDigits } from "../../domain/shared/PhoneNumber.ts"
import { ask, type Stances } from "../../domain/talk/Friendship.ts"
import { FriendshipRepository } from "../../domain/talk/FriendshipRepository.ts"
import { makeTelling } from "../notifications/Telling.ts"
import { makePairs } from "./Pairs.ts"

/** Who has asked before, by another number, asks no more by the invitation. */
const askOnce = (pair: Stances): Result.Result<Stances> => Result.succeed(Result.getOrElse(ask(pair), () => pair))

/**
 * What goes with the number that an account has from now on, at the end of the transaction that gave it: invitations of the
 * number become requests, and who has the account in their list is told of the change.
 */
export const makeWelcome = Effect.gen(function* () {
  const friendships = yield* FriendshipRepository
  const changePair = yield* makePairs
  const tell = yield* makeTelling

  /** Who sees something of it. An inviter may be deleted just now, or have taken the invitation back. */
  const takeUp = Effect.fnUntraced(
    function* (inviter: AccountId, account: AccountId, phone: PhoneDigits) {
      if (inviter === account) {
        yield* friendships.uninvite(account, phone)
        return [account]
      }
      // The inviter before the invitation, as whoever deletes an account has it.
      yield* friendships.lockPair(inviter, account)
      const invitation = yield* friendships.uninvite(inviter, phone)
      if (Option.isNone(invitation)) return []
      return [inviter, ...(yield* changePair(inviter, account, askOnce, invitation.value ?? undefined))]
    },
    Effect.catchTag("AccountNotFound", () => Effect.succeed([]))
  )

  return Effect.fnUntraced(function* (account: AccountId, phone: PhoneDigits) {
    yield* friendships.lockNumber(phone, account)
    const before = yield* friendships.list(account)
    const inviters = yield* friendships.listInviters(phone)
    const concerned = yield* Effect.forEach(inviters, (inviter) => takeUp(inviter, account, phone))
    const friends = before.flatMap(({ accountId }) => (accountId === null ? [] : [accountId]))
    const people = new Set([...friends, ...concerned.flat()])
    yield* tell([...people].map((to) => ({ to, notification: { _tag: "ContactsUpdated" } })))
  })
})
