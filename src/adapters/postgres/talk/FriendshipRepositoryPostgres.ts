import { Array as Arr, type DateTime, Effect, Layer, Option } from "effect"
import { SqlClient } from "effect/sql"
import { type AccountId, AccountNotFound } from "../../../domain/accounts/Account.ts"
import type { PhoneDigits } from "../../../domain/shared/PhoneNumber.ts"
import { type DisplayName, friendsIn } from "../../../domain/talk/Friend.ts"
import { isForgotten } from "../../../domain/talk/Friendship.ts"
import { type ChangedPair, type ChangedSide, FriendshipRepository } from "../../../domain/talk/FriendshipRepository.ts"
import { friendshipStatements } from "./FriendshipStatements.ts"
import { invitationStatements } from "./InvitationStatements.ts"

export const FriendshipRepositoryPostgres = Layer.effect(
  FriendshipRepository,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const friendships = friendshipStatements(sql)
    const invitations = invitationStatements(sql)

    const lockPair = Effect.fn("FriendshipRepository.lockPair")(function* (owner: AccountId, peer: AccountId) {
      const { accounts } = yield* Effect.orDie(friendships.lockPair({ owner, peer }))
      const missing = [owner, peer].find((id) => !accounts.includes(id))
      if (missing !== undefined) return yield* new AccountNotFound({ id: missing })
      const sides = yield* Effect.orDie(friendships.selectStances({ owner, peer }))
      const stanceOf = (id: AccountId) => sides.find((side) => side.owner === id)?.stance ?? "none"
      return { mine: stanceOf(owner), theirs: stanceOf(peer) }
    })

    const saveSide = (
      owner: AccountId,
      peer: AccountId,
      { displayName = null, ...side }: ChangedSide,
      named: boolean,
      now: DateTime.Utc
    ) => friendships.saveSide({ owner, peer, ...side, displayName, named, now })

    const savePair = Effect.fn("FriendshipRepository.savePair")(function* (
      owner: AccountId,
      peer: AccountId,
      { mine, theirs }: ChangedPair,
      now: DateTime.Utc
    ) {
      if (isForgotten({ mine: mine.stance, theirs: theirs.stance })) {
        return yield* friendships.deletePair({ owner, peer })
      }
      yield* saveSide(owner, peer, mine, mine.displayName !== undefined, now)
      yield* saveSide(peer, owner, theirs, theirs.displayName !== undefined, now)
    }, Effect.orDie)

    const list = Effect.fn("FriendshipRepository.list")((owner: AccountId) =>
      friendships.selectFriends({ owner, phone: null }).pipe(Effect.map(friendsIn), Effect.orDie)
    )

    const find = Effect.fn("FriendshipRepository.find")((owner: AccountId, phone: PhoneDigits) =>
      friendships.selectFriends({ owner, phone }).pipe(
        Effect.map((rows) => Arr.head(friendsIn(rows))),
        Effect.orDie
      )
    )

    const lockNumber = Effect.fn("FriendshipRepository.lockNumber")(function* (phone: PhoneDigits, id: AccountId) {
      const locked = yield* Effect.orDie(invitations.lockNumber({ owner: id, phone }))
      if (Option.isNone(locked)) return yield* new AccountNotFound({ id })
    })

    const invite = Effect.fn("FriendshipRepository.invite")(
      (owner: AccountId, phone: PhoneDigits, displayName: DisplayName | null, now: DateTime.Utc) =>
        invitations.insertRow({ owner, phone, displayName, now }).pipe(Effect.map(Option.isSome), Effect.orDie)
    )

    const renameInvited = Effect.fn("FriendshipRepository.renameInvited")(
      (owner: AccountId, phone: PhoneDigits, displayName: DisplayName | null) =>
        invitations.updateName({ owner, phone, displayName }).pipe(Effect.map(Option.isSome), Effect.orDie)
    )

    const uninvite = Effect.fn("FriendshipRepository.uninvite")((owner: AccountId, phone: PhoneDigits) =>
      invitations.deleteRow({ owner, phone }).pipe(Effect.map(Option.map((row) => row.displayName)), Effect.orDie)
    )

    const listInviters = Effect.fn("FriendshipRepository.listInviters")((phone: PhoneDigits) =>
      invitations.selectInviters(phone).pipe(
        Effect.map((rows) => rows.map(({ owner }) => owner)),
        Effect.orDie
      )
    )

    const claimSms = Effect.fn("FriendshipRepository.claimSms")(function* (
      phone: PhoneDigits,
      since: DateTime.Utc,
      now: DateTime.Utc
    ) {
      const claimed = yield* invitations.claimSms({ phone, since, now })
      if (Option.isSome(claimed)) yield* invitations.clearClaims(since)
      return Option.isSome(claimed)
    }, Effect.orDie)

    return FriendshipRepository.of({
      lockPair,
      savePair,
      list,
      find,
      lockNumber,
      invite,
      renameInvited,
      uninvite,
      listInviters,
      claimSms
    })
  })
)
