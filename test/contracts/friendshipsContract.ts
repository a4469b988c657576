import { assert, layer } from "@effect/vitest"
import { DateTime, Deferred, Effect, Fiber, type Layer, Option } from "effect"
import { type AccountId, AccountNotFound } from "../../src/domain/accounts/Account.ts"
import { AccountRepository } from "../../src/domain/accounts/AccountRepository.ts"
import { Transaction } from "../../src/domain/shared/Transaction.ts"
import { DisplayName } from "../../src/domain/talk/Friend.ts"
import { type Stance, Stance as Stances, strangers } from "../../src/domain/talk/Friendship.ts"
import { type ChangedSide, FriendshipRepository } from "../../src/domain/talk/FriendshipRepository.ts"
import { together } from "./AtOnce.ts"
import { somePerson, somePhone, unknownAccount } from "./Fixtures.ts"
import { textsOf } from "./Texts.ts"

const at = (minutes: number) => DateTime.makeUnsafe(Date.UTC(2026, 2, 1, 12, minutes, 0, 123))

type Ports = AccountRepository | FriendshipRepository | Transaction

/** Every FriendshipRepository must pass this, whatever it stores friendships in. */
export const friendshipsContract = <E>(name: string, adapter: Layer.Layer<Ports, E>) =>
  layer(adapter, { excludeTestServices: true })(`FriendshipRepository: ${name}`, (it) => {
    const pair = Effect.all([somePerson, somePerson])
    const friendships = FriendshipRepository.use(Effect.succeed)
    const side = (stance: Stance, more: Partial<ChangedSide> = {}): ChangedSide => ({ stance, touched: true, ...more })

    const save = Effect.fnUntraced(function* (
      one: AccountId,
      other: AccountId,
      mine: ChangedSide,
      theirs: ChangedSide,
      now = at(0)
    ) {
      const { atomic } = yield* Transaction
      const repository = yield* friendships
      yield* atomic(
        Effect.andThen(repository.lockPair(one, other), repository.savePair(one, other, { mine, theirs }, now))
      )
    })
    const seen = Effect.fnUntraced(function* (one: AccountId) {
      const repository = yield* friendships
      return (yield* repository.list(one)).map((friend) => ({ ...friend }))
    })

    it.effect("keeps each pair of stances, and shows each side its own view", () =>
      Effect.gen(function* () {
        const repository = yield* friendships
        for (const mine of Stances.literals) {
          for (const theirs of Stances.literals) {
            const [one, other] = yield* pair
            yield* save(one.id, other.id, side(mine), side(theirs))
            assert.deepStrictEqual(yield* repository.lockPair(one.id, other.id), { mine, theirs })
            assert.deepStrictEqual(yield* repository.lockPair(other.id, one.id), { mine: theirs, theirs: mine })
          }
        }
        const [one, other] = yield* pair
        assert.deepStrictEqual(yield* repository.lockPair(one.id, other.id), strangers)
      })
    )

    it.effect("lists who is seen, with what they are called, the latest touched first", () =>
      Effect.gen(function* () {
        const repository = yield* friendships
        const people = yield* Effect.replicateEffect(somePerson, 6)
        const [me, asked, asking, friend, forgotten, declined] = people
        if (!me || !asked || !asking || !friend || !forgotten || !declined) return assert.fail()
        yield* save(me.id, asked.id, side("asked", { displayName: DisplayName.make("Ada") }), side("none"), at(1))
        yield* save(asking.id, me.id, side("asked", { displayName: DisplayName.make("Me") }), side("none"), at(3))
        yield* save(me.id, friend.id, side("asked"), side("asked"), at(2))
        yield* save(me.id, forgotten.id, side("none"), side("none"), at(4))
        yield* save(me.id, declined.id, side("declined"), side("none"), at(5))
        const common = { unreadMessages: 0 }
        assert.deepStrictEqual(yield* seen(me.id), [
          {
            ...common,
            accountId: asking.id,
            phoneNumber: asking.phoneNumber,
            displayName: asking.phoneNumber,
            status: "requested",
            lastTouchAt: at(3)
          },
          {
            ...common,
            accountId: friend.id,
            phoneNumber: friend.phoneNumber,
            displayName: friend.phoneNumber,
            status: "accepted",
            lastTouchAt: at(2)
          },
          {
            ...common,
            accountId: asked.id,
            phoneNumber: asked.phoneNumber,
            displayName: "Ada",
            status: "requesting",
            lastTouchAt: at(1)
          }
        ])
        const [mine] = yield* repository.list(asking.id)
        assert.deepStrictEqual([mine?.displayName, mine?.status], ["Me", "requesting"])
        assert.deepStrictEqual([...(yield* seen(forgotten.id)), ...(yield* seen(declined.id))], [])
        for (const found of yield* repository.list(me.id)) {
          assert.deepStrictEqual(yield* repository.find(me.id, found.phoneNumber), Option.some(found))
        }
        for (const { phoneNumber } of [forgotten, declined, me, { phoneNumber: somePhone() }]) {
          assert.isTrue(Option.isNone(yield* repository.find(me.id, phoneNumber)))
        }
      })
    )

    it.effect("orders those of one moment by their number", () =>
      Effect.gen(function* () {
        const people = yield* Effect.replicateEffect(somePerson, 5)
        const me = yield* somePerson
        for (const { id } of people) yield* save(me.id, id, side("asked"), side("none"))
        assert.deepStrictEqual(
          (yield* seen(me.id)).map(({ phoneNumber }) => phoneNumber),
          people.map(({ phoneNumber }) => phoneNumber).toSorted()
        )
      })
    )

    it.effect("touches and names a side only where it is to", () =>
      Effect.gen(function* () {
        const [one, other] = yield* pair
        const [ada, bob] = [DisplayName.make("Ada"), DisplayName.make("Bob")]
        const look = Effect.fnUntraced(function* () {
          const [mine] = yield* seen(one.id)
          const [theirs] = yield* seen(other.id)
          return [mine?.displayName, mine?.lastTouchAt, theirs?.displayName, theirs?.lastTouchAt]
        })
        const untouched = { touched: false }
        yield* save(one.id, other.id, side("asked", { displayName: ada }), side("none", { displayName: bob }), at(1))
        assert.deepStrictEqual(yield* look(), ["Ada", at(1), "Bob", at(1)])
        yield* save(other.id, one.id, side("asked"), side("asked", untouched), at(2))
        assert.deepStrictEqual(yield* look(), ["Ada", at(1), "Bob", at(2)])
        yield* save(one.id, other.id, side("asked", { displayName: null }), side("asked", untouched), at(3))
        assert.deepStrictEqual(yield* look(), [other.phoneNumber, at(3), "Bob", at(2)])
        yield* save(
          one.id,
          other.id,
          side("deleted", untouched),
          side("asked", { ...untouched, displayName: ada }),
          at(4)
        )
        assert.deepStrictEqual(yield* look(), [other.phoneNumber, at(3), "Ada", at(2)])
      })
    )

    it.effect.prop(
      "keeps names to the letter",
      { displayName: textsOf(DisplayName) },
      ({ displayName }) =>
        Effect.gen(function* () {
          const [one, other] = yield* pair
          yield* save(one.id, other.id, side("asked", { displayName }), side("none"))
          assert.deepStrictEqual(
            (yield* seen(one.id)).map((friend) => friend.displayName),
            [displayName]
          )
        }),
      { arbitrary: { runs: 20 } }
    )

    it.effect("leaves nothing of a pair that is forgotten", () =>
      Effect.gen(function* () {
        const [one, other] = yield* pair
        const named = { displayName: DisplayName.make("Ada") }
        yield* save(one.id, other.id, side("asked", named), side("declined", named), at(1))
        yield* save(one.id, other.id, side("none"), side("none"), at(2))
        yield* save(other.id, one.id, side("asked"), side("none"), at(3))
        const friends = [...(yield* seen(one.id)), ...(yield* seen(other.id))]
        assert.deepStrictEqual(
          friends.map(({ displayName, lastTouchAt }) => [displayName, lastTouchAt]),
          [other, one].map(({ phoneNumber }) => [phoneNumber, at(3)])
        )
      })
    )

    it.effect("undoes with its transaction what it kept", () =>
      Effect.gen(function* () {
        const { atomic } = yield* Transaction
        const [one, other] = yield* pair
        const undone = Effect.andThen(save(one.id, other.id, side("asked"), side("none")), Effect.fail("undone"))
        yield* Effect.flip(atomic(undone))
        assert.deepStrictEqual(yield* seen(one.id), [])
      })
    )

    it.effect("lets nobody else change a pair that is locked, from whichever side", () =>
      Effect.gen(function* () {
        const { atomic } = yield* Transaction
        const repository = yield* friendships
        const [one, other] = yield* pair
        const count = (mine: AccountId, theirs: AccountId) =>
          Effect.gen(function* () {
            yield* repository.lockPair(mine, theirs)
            const [friend] = yield* repository.list(Math.min(mine, theirs) === one.id ? one.id : other.id)
            const before = friend?.displayName.startsWith("x") ? friend.displayName : ""
            yield* Effect.yieldNow
            const displayName = DisplayName.make(`${before}x`)
            const [first, second] = [side("asked", { displayName }), side("asked")]
            const sides =
              Math.min(mine, theirs) === mine ? { mine: first, theirs: second } : { mine: second, theirs: first }
            yield* repository.savePair(mine, theirs, sides, at(0))
          }).pipe(atomic)
        const rounds = Array.from({ length: 10 }, (_, index) =>
          index % 2 === 0 ? count(one.id, other.id) : count(other.id, one.id)
        )
        yield* Effect.all(rounds, together)
        const lower = Math.min(one.id, other.id) === one.id ? one : other
        assert.deepStrictEqual(
          (yield* seen(lower.id)).map(({ displayName }) => displayName),
          ["x".repeat(10)]
        )
      })
    )

    it.effect("locks no pair of whom there is not", () =>
      Effect.gen(function* () {
        const repository = yield* friendships
        const { id } = yield* somePerson
        const missing = new AccountNotFound({ id: unknownAccount })
        assert.deepStrictEqual(yield* Effect.flip(repository.lockPair(id, unknownAccount)), missing)
        assert.deepStrictEqual(yield* Effect.flip(repository.lockPair(unknownAccount, id)), missing)
      })
    )

    it.effect("lets nobody delete an account whose pair is locked", () =>
      Effect.gen(function* () {
        const accounts = yield* AccountRepository
        const { atomic } = yield* Transaction
        const repository = yield* friendships
        const [one, other] = yield* pair
        const locked = yield* Deferred.make<void>()
        const change = Effect.gen(function* () {
          yield* repository.lockPair(one.id, other.id)
          yield* Deferred.succeed(locked, undefined)
          yield* Effect.sleep("30 millis")
          yield* repository.savePair(one.id, other.id, { mine: side("asked"), theirs: side("asked") }, at(0))
        })
        const changing = yield* Effect.forkChild(atomic(change))
        yield* Deferred.await(locked)
        yield* accounts.delete(other.id)
        yield* Fiber.join(changing)
        assert.deepStrictEqual(yield* seen(one.id), [])
        assert.deepStrictEqual(yield* seen(other.id), [])
      })
    )

    it.effect("goes with either account, also where friends leave at once", () =>
      Effect.gen(function* () {
        const accounts = yield* AccountRepository
        for (let round = 0; round < 5; round++) {
          const people = yield* Effect.replicateEffect(somePerson, 4)
          const [stays, ...leave] = people
          if (stays === undefined) return assert.fail()
          for (const one of people) {
            for (const other of people) {
              if (one.id < other.id) yield* save(one.id, other.id, side("asked"), side("asked"))
            }
          }
          yield* Effect.all(
            leave.map(({ id }) => accounts.delete(id)),
            together
          )
          assert.deepStrictEqual(yield* seen(stays.id), [])
        }
      })
    )
  })
