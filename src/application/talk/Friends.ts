import { Context, DateTime, Duration, Effect, Layer, Option, Result } from "effect"
import type { AccountId, AccountNotFound } from "../../domain/accounts/Account.ts"
import { AccountRepository } from "../../domain/accounts/AccountRepository.ts"
import { SmsQueue } from "../../domain/accounts/SmsQueue.ts"
import type { PhoneDigits } from "../../domain/shared/PhoneNumber.ts"
import { type RateLimitExceeded, RateLimits } from "../../domain/shared/RateLimits.ts"
import { Transaction } from "../../domain/shared/Transaction.ts"
import { AskedOneself, type DisplayName, type Friend, nameIfAny, PersonNotFound } from "../../domain/talk/Friend.ts"
import {
  accept,
  AlreadyAsked,
  ask,
  FriendNotFound,
  remove,
  type Stances,
  statusOf
} from "../../domain/talk/Friendship.ts"
import { FriendshipRepository } from "../../domain/talk/FriendshipRepository.ts"
import { makeTexting } from "../accounts/Texting.ts"
import { makeTelling } from "../notifications/Telling.ts"
import { type Action, makePairs } from "./Pairs.ts"
import { NoPhoneNumber, PhoneHolders } from "./PhoneHolders.ts"

/** How long a number that was invited is left alone, whoever else invites it. */
const smsEvery = Duration.days(1)

/** Whom one has in one's list stays there under another name only. */
const keep = (pair: Stances): Result.Result<Stances, FriendNotFound> =>
  statusOf(pair) === undefined ? Result.fail(new FriendNotFound()) : Result.succeed(pair)

export class Friends extends Context.Service<
  Friends,
  {
    /** Invited numbers included; the latest touched first. */
    list(owner: AccountId): Effect.Effect<ReadonlyArray<Friend>, NoPhoneNumber>
    /** None where nobody with that number is in the list. */
    find(owner: AccountId, phone: PhoneDigits): Effect.Effect<Option.Option<Friend>, NoPhoneNumber>
    /**
     * Asks somebody to be friends, or accepts where they have asked before, or resumes what the owner has ended. A number
     * that nobody has is sent an invitation, one a day and 20 for each account, and the request waits there for its
     * sign-up. No name, or a blank one, leaves what the owner calls them as it is.
     */
    request(
      owner: AccountId,
      phone: PhoneDigits,
      displayName?: DisplayName
    ): Effect.Effect<void, NoPhoneNumber | AskedOneself | AlreadyAsked | PersonNotFound | RateLimitExceeded>
    /** Fails where nobody with that number waits for an answer. */
    accept(owner: AccountId, phone: PhoneDigits): Effect.Effect<void, NoPhoneNumber | FriendNotFound>
    /** Takes a request back, declines one, or ends a friendship. Who is deleted already stays so. */
    remove(owner: AccountId, phone: PhoneDigits): Effect.Effect<void, NoPhoneNumber | FriendNotFound>
    /** A blank name is none: the number takes its place. */
    rename(
      owner: AccountId,
      phone: PhoneDigits,
      displayName: DisplayName
    ): Effect.Effect<void, NoPhoneNumber | FriendNotFound>
  }
>()("rookery/application/talk/Friends") {
  static readonly layer = Layer.effect(
    Friends,
    Effect.gen(function* () {
      const accounts = yield* AccountRepository
      const friendships = yield* FriendshipRepository
      const holders = yield* PhoneHolders
      const limits = yield* RateLimits
      const sms = yield* SmsQueue
      const { atomic } = yield* Transaction
      const changePair = yield* makePairs
      const tell = yield* makeTelling
      const text = yield* makeTexting

      const tellOf = (people: ReadonlyArray<AccountId>) =>
        tell(people.map((to) => ({ to, notification: { _tag: "ContactsUpdated" } })))

      const act = <E>(owner: AccountId, other: AccountId, action: Action<E>, displayName?: DisplayName | null) =>
        changePair(owner, other, action, displayName).pipe(Effect.flatMap(tellOf), atomic)

      /** False where somebody has signed up with the number meanwhile. */
      const keepInvitation = Effect.fnUntraced(function* (
        owner: AccountId,
        phone: PhoneDigits,
        displayName: DisplayName | null
      ) {
        yield* friendships.lockNumber(phone, owner)
        if (Option.isSome(yield* accounts.findByPhone(phone))) return false
        const now = yield* DateTime.now
        const isNew = yield* friendships.invite(owner, phone, displayName, now)
        if (!isNew) return yield* new AlreadyAsked({ status: "requesting" })
        const mayText = yield* friendships.claimSms(phone, DateTime.subtractDuration(now, smsEvery), now)
        if (mayText) yield* text({ _tag: "Invitation", to: phone })
        yield* tellOf([owner])
        return true
      }, atomic)

      const invite = Effect.fnUntraced(function* (
        owner: AccountId,
        phone: PhoneDigits,
        displayName: DisplayName | null
      ) {
        const known = yield* friendships.find(owner, phone)
        if (Option.isSome(known)) return yield* new AlreadyAsked({ status: known.value.status })
        if (!sms.available) return yield* new PersonNotFound()
        yield* limits.consume("invitationsByAccount", `${owner}`)
        return yield* keepInvitation(owner, phone, displayName)
      })

      const request = Effect.fn("Friends.request")(function* (
        owner: AccountId,
        phone: PhoneDigits,
        displayName?: DisplayName
      ) {
        yield* holders.require(owner)
        const name = displayName === undefined ? null : nameIfAny(displayName)
        while (true) {
          const person = Option.getOrUndefined(yield* accounts.findByPhone(phone))
          if (person?.id === owner) return yield* new AskedOneself()
          const asking =
            person === undefined
              ? invite(owner, phone, name)
              : Effect.as(act(owner, person.id, ask, name ?? undefined), true)
          const asked = yield* Effect.catchTag(asking, "AccountNotFound", ({ id }) =>
            id === owner ? Effect.fail(new NoPhoneNumber()) : Effect.succeed(false)
          )
          if (asked) return
          // Between the look and the lock somebody has signed up, or left.
        }
      })

      /** Does one thing with a person in the list, and another with a number that has not signed up; false where it has. */
      const withListed = Effect.fnUntraced(
        function* (
          owner: AccountId,
          phone: PhoneDigits,
          ofPerson: (id: AccountId) => Effect.Effect<void, FriendNotFound | AccountNotFound>,
          ofNumber: Effect.Effect<boolean, FriendNotFound>
        ) {
          yield* holders.require(owner)
          while (true) {
            const friend = Option.getOrUndefined(yield* friendships.find(owner, phone))
            if (friend === undefined) return yield* new FriendNotFound()
            if (friend.accountId !== null) return yield* ofPerson(friend.accountId)
            if (yield* ofNumber) return
          }
        },
        Effect.catchTag("AccountNotFound", () => Effect.fail(new FriendNotFound()))
      )

      const tellOwnerIf = (owner: AccountId, change: Effect.Effect<boolean>) =>
        atomic(Effect.tap(change, (isDone) => tellOf(isDone ? [owner] : [])))

      const acceptRequest = Effect.fn("Friends.accept")((owner: AccountId, phone: PhoneDigits) =>
        withListed(owner, phone, (id) => act(owner, id, accept), Effect.fail(new FriendNotFound()))
      )

      const removeFriend = Effect.fn("Friends.remove")((owner: AccountId, phone: PhoneDigits) =>
        withListed(
          owner,
          phone,
          (id) => act(owner, id, remove),
          tellOwnerIf(owner, Effect.map(friendships.uninvite(owner, phone), Option.isSome))
        )
      )

      const rename = Effect.fn("Friends.rename")((owner: AccountId, phone: PhoneDigits, displayName: DisplayName) => {
        const name = nameIfAny(displayName)
        return withListed(
          owner,
          phone,
          (id) => act(owner, id, keep, name),
          tellOwnerIf(owner, friendships.renameInvited(owner, phone, name))
        )
      })

      return Friends.of({
        list: Effect.fn("Friends.list")((owner) => Effect.andThen(holders.require(owner), friendships.list(owner))),
        find: Effect.fn("Friends.find")((owner, phone) =>
          Effect.andThen(holders.require(owner), friendships.find(owner, phone))
        ),
        request,
        accept: acceptRequest,
        remove: removeFriend,
        rename
      })
    })
  )
}
