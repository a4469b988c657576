import { assert, layer } from "@effect/vitest"
import { DateTime, Deferred, Effect, Fiber, type Layer, Option } from "effect"
import { AccountNotFound } from "../../src/domain/accounts/Account.ts"
import { AccountRepository } from "../../src/domain/accounts/AccountRepository.ts"
import { Transaction } from "../../src/domain/shared/Transaction.ts"
import { DisplayName } from "../../src/domain/talk/Friend.ts"
import { FriendshipRepository } from "../../src/domain/talk/FriendshipRepository.ts"
import { together } from "./AtOnce.ts"
import { somePerson, somePhone, unknownAccount } from "./Fixtures.ts"

const at = (hours: number) => DateTime.makeUnsafe(Date.UTC(2026, 2, 1, hours, 0, 0, 123))
const ada = DisplayName.make("Ada")

type Ports = AccountRepository | FriendshipRepository | Transaction

/** What every FriendshipRepository must make of invitations, whatever it stores them in. */
export const invitationsContract = <E>(name: string, adapter: Layer.Layer<Ports, E>) =>
  layer(adapter, { excludeTestServices: true })(`FriendshipRepository, invitations: ${name}`, (it) => {
    it.effect("shows the inviter a request, and nobody else", () =>
      Effect.gen(function* () {
        const friendships = yield* FriendshipRepository
        const [one, other] = yield* Effect.all([somePerson, somePerson])
        const [named, unnamed] = [somePhone(), somePhone()]
        assert.isTrue(yield* friendships.invite(one.id, named, ada, at(1)))
        assert.isTrue(yield* friendships.invite(one.id, unnamed, null, at(2)))
        const common = { accountId: null, status: "requesting", unreadMessages: 0 } as const
        const friends = yield* friendships.list(one.id)
        assert.deepStrictEqual(
          friends.map((friend) => ({ ...friend })),
          [
            { ...common, phoneNumber: unnamed, displayName: unnamed, lastTouchAt: at(2) },
            { ...common, phoneNumber: named, displayName: "Ada", lastTouchAt: at(1) }
          ]
        )
        assert.deepStrictEqual(yield* friendships.find(one.id, named), Option.fromNullishOr(friends[1]))
        assert.deepStrictEqual(yield* friendships.list(other.id), [])
        assert.isTrue(Option.isNone(yield* friendships.find(other.id, named)))
      })
    )

    it.effect("takes each invitation once, and only from who has it", () =>
      Effect.gen(function* () {
        const friendships = yield* FriendshipRepository
        const [one, other] = yield* Effect.all([somePerson, somePerson])
        const phone = somePhone()
        const attempts = Array.from({ length: 5 }, () => friendships.invite(one.id, phone, ada, at(1)))
        const answers = yield* Effect.all(attempts, together)
        assert.deepStrictEqual(answers.toSorted(), [false, false, false, false, true])
        assert.isTrue(Option.isNone(yield* friendships.uninvite(other.id, phone)))
        assert.isFalse(yield* friendships.renameInvited(other.id, phone, ada))
        assert.isTrue(yield* friendships.invite(other.id, phone, null, at(2)))
        assert.deepStrictEqual(
          yield* friendships.listInviters(phone),
          [one.id, other.id].toSorted((a, b) => a - b)
        )
        assert.deepStrictEqual(yield* friendships.uninvite(one.id, phone), Option.some(ada))
        assert.isTrue(Option.isNone(yield* friendships.uninvite(one.id, phone)))
        assert.deepStrictEqual(yield* friendships.listInviters(phone), [other.id])
        assert.deepStrictEqual(yield* friendships.uninvite(other.id, phone), Option.some(null))
        assert.deepStrictEqual(yield* friendships.list(one.id), [])
        assert.isTrue(yield* friendships.invite(one.id, phone, null, at(3)))
      })
    )

    it.effect("calls the invited something else", () =>
      Effect.gen(function* () {
        const friendships = yield* FriendshipRepository
        const { id } = yield* somePerson
        const phone = somePhone()
        const names = Effect.map(friendships.list(id), (friends) => friends.map(({ displayName }) => displayName))
        yield* friendships.invite(id, phone, null, at(1))
        assert.isTrue(yield* friendships.renameInvited(id, phone, ada))
        assert.deepStrictEqual(yield* names, ["Ada"])
        assert.isTrue(yield* friendships.renameInvited(id, phone, null))
        assert.deepStrictEqual(yield* names, [phone])
        assert.isFalse(yield* friendships.renameInvited(id, somePhone(), ada))
      })
    )

    it.effect("goes with the inviter's account", () =>
      Effect.gen(function* () {
        const [accounts, friendships] = [yield* AccountRepository, yield* FriendshipRepository]
        const [one, other] = yield* Effect.all([somePerson, somePerson])
        const phone = somePhone()
        yield* friendships.invite(one.id, phone, null, at(1))
        yield* friendships.invite(other.id, phone, null, at(1))
        yield* accounts.delete(one.id)
        assert.deepStrictEqual(yield* friendships.listInviters(phone), [other.id])
      })
    )

    it.effect("lets one after the other invite a number that is locked, or make requests of what waits for it", () =>
      Effect.gen(function* () {
        const friendships = yield* FriendshipRepository
        const { atomic } = yield* Transaction
        const [{ id }, other] = yield* Effect.all([somePerson, somePerson])
        const phone = somePhone()
        const locked = yield* Deferred.make<void>()
        const inviting = Effect.gen(function* () {
          yield* friendships.lockNumber(phone, id)
          yield* Deferred.succeed(locked, undefined)
          yield* Effect.sleep("30 millis")
          yield* friendships.invite(id, phone, null, at(1))
        })
        const fiber = yield* Effect.forkChild(atomic(inviting))
        yield* Deferred.await(locked)
        const inviters = Effect.andThen(friendships.lockNumber(phone, other.id), friendships.listInviters(phone))
        assert.deepStrictEqual(yield* atomic(inviters), [id])
        yield* Fiber.join(fiber)
        const missing = yield* Effect.flip(friendships.lockNumber(phone, unknownAccount))
        assert.deepStrictEqual(missing, new AccountNotFound({ id: unknownAccount }))
      })
    )

    it.effect("lets a number have one SMS in a while, whoever asks and however many at once", () =>
      Effect.gen(function* () {
        const friendships = yield* FriendshipRepository
        const { atomic } = yield* Transaction
        const [phone, other] = [somePhone(), somePhone()]
        const claim = (number: typeof phone, hours: number) =>
          friendships.claimSms(number, at(hours - 24), at(hours)).pipe(atomic)
        const attempts = Array.from({ length: 5 }, () => claim(phone, 0))
        assert.deepStrictEqual((yield* Effect.all(attempts, together)).toSorted(), [false, false, false, false, true])
        assert.isTrue(yield* claim(other, 1))
        assert.isFalse(yield* claim(phone, 24))
        assert.isTrue(yield* claim(phone, 25))
        assert.isFalse(yield* claim(phone, 48))
        // What was refused counts for nothing.
        assert.isTrue(yield* claim(phone, 50))
      })
    )

    it.effect("claims no SMS in a transaction that is undone", () =>
      Effect.gen(function* () {
        const friendships = yield* FriendshipRepository
        const { atomic } = yield* Transaction
        const phone = somePhone()
        const claim = friendships.claimSms(phone, at(-24), at(0))
        yield* Effect.flip(atomic(Effect.andThen(claim, Effect.fail("undone"))))
        assert.isTrue(yield* claim)
      })
    )
  })
