import { DateTime, Effect, HashMap, Layer, Option, Order, Result } from "effect"
import { type AccountId, AccountNotFound } from "../../domain/accounts/Account.ts"
import type { PhoneDigits } from "../../domain/shared/PhoneNumber.ts"
import { type Friend, friendsIn, type KeptFriend } from "../../domain/talk/Friend.ts"
import { isForgotten, type Stance } from "../../domain/talk/Friendship.ts"
import { type ChangedSide, FriendshipRepository } from "../../domain/talk/FriendshipRepository.ts"
import { KeyViolation, MemoryWorld } from "./MemoryWorld.ts"
import { sideKey, type World } from "./World.ts"

const stanceOf = (world: World, owner: AccountId, peer: AccountId): Stance =>
  HashMap.get(world.friendships, sideKey(owner, peer)).pipe(
    Option.map(({ stance }) => stance),
    Option.getOrElse(() => "none" as const)
  )

/** Where there is no row, there is no name and nothing unread. */
const withSide = (world: World, owner: AccountId, peer: AccountId, side: ChangedSide, now: DateTime.Utc): World => {
  const before = Option.getOrUndefined(HashMap.get(world.friendships, sideKey(owner, peer)))
  const { displayName = before?.displayName ?? null, stance, touched } = side
  const row = {
    owner,
    peer,
    stance,
    displayName,
    unreadMessages: before?.unreadMessages ?? 0,
    lastTouchAt: touched ? now : (before?.lastTouchAt ?? now)
  }
  return { ...world, friendships: HashMap.set(world.friendships, sideKey(owner, peer), row) }
}

const lastTouched = Order.combine(
  Order.flip(Order.mapInput(DateTime.Order, (friend: Friend) => friend.lastTouchAt)),
  Order.mapInput(Order.String, (friend: Friend) => friend.phoneNumber)
)

const peersOf = (world: World, owner: AccountId): ReadonlyArray<KeptFriend> =>
  HashMap.toValues(world.friendships).flatMap(({ displayName, lastTouchAt, peer, stance, unreadMessages, ...row }) => {
    const phoneNumber = Option.getOrUndefined(HashMap.get(world.accounts, peer))?.account.phoneNumber ?? null
    if (row.owner !== owner || phoneNumber === null) return []
    const pair = { mine: stance, theirs: stanceOf(world, peer, owner) }
    return [{ ...pair, accountId: peer, phoneNumber, displayName, lastTouchAt, unreadMessages }]
  })

const invitedBy = (world: World, owner: AccountId): ReadonlyArray<KeptFriend> =>
  HashMap.toValues(world.invitations).flatMap(({ createdAt: lastTouchAt, displayName, phone: phoneNumber, ...row }) => {
    if (row.owner !== owner) return []
    const pair = { mine: "asked", theirs: "none" } as const
    return [{ ...pair, accountId: null, phoneNumber, displayName, lastTouchAt, unreadMessages: 0 }]
  })

const list = (world: World, owner: AccountId): ReadonlyArray<Friend> =>
  friendsIn([...peersOf(world, owner), ...invitedBy(world, owner)]).toSorted(lastTouched)

const invitationKey = (owner: AccountId, phone: PhoneDigits) => `${owner} ${phone}`

export const FriendshipRepositoryMemory = Layer.effect(
  FriendshipRepository,
  Effect.gen(function* () {
    const world = yield* MemoryWorld

    return FriendshipRepository.of({
      // Transactions run one at a time, so there is nobody to lock out.
      lockPair: (one, other) =>
        Effect.flatMap(
          world.read((now) => {
            const missing = [one, other].find((id) => !HashMap.has(now.accounts, id))
            if (missing !== undefined) return Result.fail(new AccountNotFound({ id: missing }))
            return Result.succeed({ mine: stanceOf(now, one, other), theirs: stanceOf(now, other, one) })
          }),
          Effect.fromResult
        ),

      savePair: (one, other, { mine, theirs }, now) =>
        Effect.orDie(
          world.change((before) => {
            if (one === other || ![one, other].every((id) => HashMap.has(before.accounts, id))) {
              return Result.fail(new KeyViolation({ key: "friendships.account_id" }))
            }
            const keys = [sideKey(one, other), sideKey(other, one)]
            const after = isForgotten({ mine: mine.stance, theirs: theirs.stance })
              ? { ...before, friendships: HashMap.removeMany(before.friendships, keys) }
              : withSide(withSide(before, one, other, mine, now), other, one, theirs, now)
            return Result.succeed([undefined, after])
          })
        ),

      list: (owner) => world.read((now) => list(now, owner)),

      find: (owner, phone) =>
        world.read((now) => Option.fromNullishOr(list(now, owner).find(({ phoneNumber }) => phoneNumber === phone))),

      lockNumber: (_, id) =>
        Effect.flatMap(
          world.read(({ accounts }) =>
            HashMap.has(accounts, id) ? Result.void : Result.fail(new AccountNotFound({ id }))
          ),
          Effect.fromResult
        ),

      invite: (owner, phone, displayName, createdAt) =>
        Effect.orDie(
          world.change((before) => {
            if (!HashMap.has(before.accounts, owner)) {
              return Result.fail(new KeyViolation({ key: "invitations.account_id" }))
            }
            const key = invitationKey(owner, phone)
            if (HashMap.has(before.invitations, key)) return Result.succeed([false, before])
            const invitations = HashMap.set(before.invitations, key, { owner, phone, displayName, createdAt })
            return Result.succeed([true, { ...before, invitations }])
          })
        ),

      renameInvited: (owner, phone, displayName) =>
        world.change((before) => {
          const key = invitationKey(owner, phone)
          const invitations = HashMap.modify(before.invitations, key, (row) => ({ ...row, displayName }))
          return Result.succeed([HashMap.has(before.invitations, key), { ...before, invitations }])
        }),

      uninvite: (owner, phone) =>
        world.change((before) => {
          const key = invitationKey(owner, phone)
          const name = Option.map(HashMap.get(before.invitations, key), ({ displayName }) => displayName)
          return Result.succeed([name, { ...before, invitations: HashMap.remove(before.invitations, key) }])
        }),

      listInviters: (phone) =>
        world.read(({ invitations }) =>
          HashMap.toValues(invitations)
            .flatMap((row) => (row.phone === phone ? [row.owner] : []))
            .toSorted(Order.Number)
        ),

      claimSms: (phone, since, now) =>
        world.change((before) => {
          const last = HashMap.get(before.invitationSms, phone)
          const isFree = Option.isNone(last) || DateTime.isLessThan(last.value, since)
          const invitationSms = isFree ? HashMap.set(before.invitationSms, phone, now) : before.invitationSms
          return Result.succeed([isFree, { ...before, invitationSms }])
        })
    })
  })
)
