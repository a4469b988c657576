import { assert, describe } from "@effect/vitest"
import { DateTime, Duration, Effect, Layer, Option, Schema, Stream } from "effect"
import { SmsQueueMemory } from "../../../src/adapters/memory/SmsQueueMemory.ts"
import { Profile } from "../../../src/application/accounts/Profile.ts"
import { Friends } from "../../../src/application/talk/Friends.ts"
import { NoPhoneNumber } from "../../../src/application/talk/PhoneHolders.ts"
import type { AccountId } from "../../../src/domain/accounts/Account.ts"
import { AccountRepository } from "../../../src/domain/accounts/AccountRepository.ts"
import { SmsRequest } from "../../../src/domain/accounts/SmsQueue.ts"
import { NotificationLog } from "../../../src/domain/notifications/NotificationLog.ts"
import { Notifier } from "../../../src/domain/notifications/Notifier.ts"
import type { PhoneDigits } from "../../../src/domain/shared/PhoneNumber.ts"
import { Transaction } from "../../../src/domain/shared/Transaction.ts"
import { AskedOneself, PersonNotFound } from "../../../src/domain/talk/Friend.ts"
import { AlreadyAsked, FriendNotFound } from "../../../src/domain/talk/Friendship.ts"
import { MemoryPorts } from "../../../src/RookeryMemory.ts"
import { arrivals, someAccount, somePhone } from "../../contracts/Fixtures.ts"
import { advance, test as testOnAll, testOn } from "../RookeryTest.ts"
import { accept, friendsOn, leave, listOf, remove, rename, renumber, request, signUp, toldTo } from "./Neighbours.ts"

/** Without the background work of other use cases, which has much to do where days pass. */
const test = testOn(friendsOn(MemoryPorts))

const somebody = Effect.suspend(() => {
  const phone = somePhone()
  return Effect.map(signUp(phone), (id) => ({ id, phone }))
})

/** What somebody sees of a number, in a word. */
const sees = (owner: AccountId, phone: PhoneDigits) =>
  Effect.map(
    Friends.use((friends) => friends.find(owner, phone)),
    (found) => Option.getOrUndefined(found)?.status
  )
const namesOf = (owner: AccountId) => Effect.map(listOf(owner), (list) => list.map(({ displayName }) => displayName))

/** The SMS that were asked for since this was asked last. */
const texts = Effect.gen(function* () {
  const entries = yield* arrivals("sms")
  return yield* Effect.forEach(entries, ({ data }) => Schema.decodeUnknownEffect(SmsRequest)(data))
}).pipe(Effect.orDie)

describe("Friends", () => {
  test(
    "are listed by whom was touched last, under the name that was given",
    Effect.gen(function* () {
      const [me, ada, bob] = [yield* somebody, yield* somebody, yield* somebody]
      yield* request(me.id, ada.phone, "Ada")
      yield* advance("1 minute")
      yield* request(bob.id, me.phone)
      const [first, second] = yield* listOf(me.id)
      assert.deepStrictEqual(
        { ...first },
        {
          accountId: bob.id,
          phoneNumber: bob.phone,
          displayName: bob.phone,
          status: "requested",
          lastTouchAt: yield* DateTime.now,
          unreadMessages: 0
        }
      )
      assert.deepStrictEqual([second?.displayName, second?.status], ["Ada", "requesting"])
      yield* advance("1 minute")
      yield* accept(ada.id, me.phone)
      assert.deepStrictEqual(yield* namesOf(me.id), ["Ada", bob.phone])
    })
  )

  test(
    "are none without a phone number, and can be made as soon as there is one",
    Effect.gen(function* () {
      const [{ id }, { phone }] = [yield* someAccount, yield* somebody]
      const friends = yield* Friends
      const none = new NoPhoneNumber()
      const refused = (effect: Effect.Effect<unknown, unknown, Friends>) =>
        Effect.map(Effect.flip(effect), (error) => assert.deepStrictEqual(error, none))
      yield* refused(request(id, phone))
      yield* refused(accept(id, phone))
      yield* refused(remove(id, phone))
      yield* refused(rename(id, phone, "Ada"))
      yield* refused(friends.list(id))
      yield* refused(friends.find(id, phone))
      yield* renumber(id, somePhone())
      yield* request(id, phone)
    })
  )

  test(
    "are others than oneself, also by a number that one had before",
    Effect.gen(function* () {
      const me = yield* somebody
      assert.deepStrictEqual(yield* Effect.flip(request(me.id, me.phone)), new AskedOneself())
      for (const action of [accept(me.id, me.phone), remove(me.id, me.phone), rename(me.id, me.phone, "Me")]) {
        assert.deepStrictEqual(yield* Effect.flip(action), new FriendNotFound())
      }
      const next = somePhone()
      yield* request(me.id, next)
      yield* renumber(me.id, next)
      assert.deepStrictEqual(yield* listOf(me.id), [])
      assert.deepStrictEqual(yield* Effect.flip(request(me.id, next)), new AskedOneself())
      // The number before is anybody's.
      yield* request(me.id, me.phone)
      assert.strictEqual(yield* sees(me.id, me.phone), "requesting")
    })
  )

  test(
    "say what they are already to who asks again",
    Effect.gen(function* () {
      const [me, ada] = [yield* somebody, yield* somebody]
      const again = Effect.flip(request(me.id, ada.phone))
      yield* request(me.id, ada.phone)
      assert.deepStrictEqual(yield* again, new AlreadyAsked({ status: "requesting" }))
      yield* accept(ada.id, me.phone)
      assert.deepStrictEqual(yield* again, new AlreadyAsked({ status: "accepted" }))
      yield* remove(ada.id, me.phone)
      assert.deepStrictEqual(yield* again, new AlreadyAsked({ status: "blocked" }))
    })
  )

  test(
    "lose what they called each other once they are out of sight",
    Effect.gen(function* () {
      const [me, ada] = [yield* somebody, yield* somebody]
      yield* request(me.id, ada.phone, "Ada")
      yield* rename(ada.id, me.phone, "Pest")
      yield* remove(ada.id, me.phone)
      assert.deepStrictEqual(yield* namesOf(ada.id), ["Pest"])
      yield* remove(me.id, ada.phone)
      yield* request(me.id, ada.phone)
      assert.deepStrictEqual(yield* namesOf(me.id), [ada.phone])
      assert.deepStrictEqual(yield* namesOf(ada.id), [me.phone])
      assert.deepStrictEqual([yield* sees(me.id, ada.phone), yield* sees(ada.id, me.phone)], ["requesting", "deleted"])
    })
  )

  test(
    "keep their name where the next request has none, or a blank one",
    Effect.gen(function* () {
      const [me, ada] = [yield* somebody, yield* somebody]
      yield* request(me.id, ada.phone, "Ada")
      yield* accept(ada.id, me.phone)
      for (const name of [undefined, "", " \t"]) {
        yield* remove(me.id, ada.phone)
        yield* request(me.id, ada.phone, name)
        assert.deepStrictEqual(yield* namesOf(me.id), ["Ada"])
      }
      yield* rename(me.id, ada.phone, "  ")
      assert.deepStrictEqual(yield* namesOf(me.id), [ada.phone])
    })
  )

  test(
    "change their number for everybody who sees them, and are told of",
    Effect.gen(function* () {
      const [me, ada, stranger] = [yield* somebody, yield* somebody, yield* somebody]
      yield* request(me.id, ada.phone)
      const next = somePhone()
      yield* renumber(ada.id, next)
      assert.deepStrictEqual(yield* namesOf(me.id), [next])
      assert.lengthOf(yield* toldTo(me.id), 2)
      assert.lengthOf(yield* toldTo(stranger.id), 0)
      yield* accept(ada.id, me.phone)
      assert.strictEqual(yield* sees(me.id, next), "accepted")
      assert.isUndefined(yield* sees(me.id, ada.phone))
    })
  )

  testOnAll(
    "are told once an account is deleted that had them in its list",
    Effect.gen(function* () {
      const [me, ada, declined, stranger] = [yield* somebody, yield* somebody, yield* somebody, yield* somebody]
      yield* request(me.id, ada.phone)
      yield* request(declined.id, me.phone)
      yield* remove(me.id, declined.phone)
      yield* Profile.use((profile) => profile.remove(me.id, undefined))
      for (const friend of [ada, declined]) {
        assert.deepStrictEqual(yield* listOf(friend.id), [])
        assert.lengthOf(yield* toldTo(friend.id), 2)
      }
      assert.lengthOf(yield* toldTo(stranger.id), 0)
    })
  )

  test(
    "wake each other once the change is there, and not where it is undone",
    Effect.gen(function* () {
      const [{ wakes }, { atomic }, log] = [yield* Notifier, yield* Transaction, yield* NotificationLog]
      const [me, ada] = [yield* somebody, yield* somebody]
      const woken: Array<unknown> = []
      const listening = Stream.runForEach(wakes, (wake) =>
        Effect.map(log.newest([me.id, ada.id]), ({ size }) => woken.push([wake, size]))
      )
      yield* Effect.forkScoped(listening)
      yield* advance()
      const asked = Effect.andThen(request(me.id, ada.phone), advance())
      yield* Effect.flip(atomic(Effect.andThen(asked, Effect.fail("undone"))))
      assert.deepStrictEqual(woken, [])
      assert.deepStrictEqual(yield* toldTo(me.id), [])
      yield* atomic(Effect.tap(asked, () => Effect.sync(() => assert.deepStrictEqual(woken, []))))
      yield* advance()
      const wake = (accountId: AccountId) => [{ _tag: "Woken", accountId }, 2]
      assert.sameDeepMembers(woken, [wake(me.id), wake(ada.id)])
      const told = yield* toldTo(ada.id)
      assert.deepStrictEqual(
        told.map(({ notification }) => notification),
        [{ _tag: "ContactsUpdated" }]
      )
    })
  )
})

describe("Friends, invited", () => {
  test(
    "wait as requests for their sign-up, under the name that each inviter gave",
    Effect.gen(function* () {
      const [me, other] = [yield* somebody, yield* somebody]
      const phone = somePhone()
      yield* request(me.id, phone, "Ada")
      yield* request(other.id, phone)
      assert.deepStrictEqual(yield* Effect.flip(request(me.id, phone)), new AlreadyAsked({ status: "requesting" }))
      assert.deepStrictEqual(yield* Effect.flip(accept(me.id, phone)), new FriendNotFound())
      assert.deepStrictEqual(yield* namesOf(me.id), ["Ada"])
      yield* advance("1 day")
      const id = yield* signUp(phone)
      assert.sameMembers(
        (yield* listOf(id)).map(({ phoneNumber, status }) => `${phoneNumber} ${status}`),
        [`${me.phone} requested`, `${other.phone} requested`]
      )
      assert.deepStrictEqual(yield* namesOf(me.id), ["Ada"])
      assert.deepStrictEqual(yield* Effect.flip(request(me.id, phone)), new AlreadyAsked({ status: "requesting" }))
      yield* accept(id, me.phone)
      assert.strictEqual(yield* sees(me.id, phone), "accepted")
      assert.lengthOf(yield* toldTo(id), 2)
    })
  )

  test(
    "can be taken back and renamed before",
    Effect.gen(function* () {
      const [me, other] = [yield* somebody, yield* somebody]
      const phone = somePhone()
      yield* request(me.id, phone, "Ada")
      yield* request(other.id, phone)
      yield* rename(me.id, phone, "Countess")
      assert.deepStrictEqual(yield* namesOf(me.id), ["Countess"])
      yield* rename(me.id, phone, " ")
      assert.deepStrictEqual(yield* namesOf(me.id), [phone])
      yield* remove(me.id, phone)
      assert.deepStrictEqual(yield* listOf(me.id), [])
      assert.lengthOf(yield* toldTo(me.id), 4)
      for (const action of [remove(me.id, phone), rename(me.id, phone, "Ada")]) {
        assert.deepStrictEqual(yield* Effect.flip(action), new FriendNotFound())
      }
      const id = yield* signUp(phone)
      assert.deepStrictEqual(
        (yield* listOf(id)).map(({ accountId }) => accountId),
        [other.id]
      )
    })
  )

  test(
    "are sent one SMS a day, whoever asks and however often",
    Effect.gen(function* () {
      const [me, other] = [yield* somebody, yield* somebody]
      const phone = somePhone()
      const sms = [{ _tag: "Invitation", to: phone }]
      yield* request(me.id, phone)
      assert.deepStrictEqual(yield* texts, sms)
      yield* request(other.id, phone)
      for (let round = 0; round < 3; round++) {
        yield* remove(me.id, phone)
        yield* request(me.id, phone)
      }
      yield* advance("23 hours")
      yield* remove(me.id, phone)
      yield* request(me.id, phone)
      assert.deepStrictEqual(yield* texts, [])
      yield* advance(Duration.minutes(61))
      yield* remove(other.id, phone)
      yield* request(other.id, phone)
      assert.deepStrictEqual(yield* texts, sms)
    })
  )

  test(
    "are 20 a day for each account, those that came to nothing not counted",
    Effect.gen(function* () {
      const [me, other, friend] = [yield* somebody, yield* somebody, yield* somebody]
      const first = somePhone()
      yield* request(me.id, first)
      for (let n = 0; n < 30; n++) yield* Effect.flip(request(me.id, first))
      for (let n = 0; n < 19; n++) yield* request(me.id, somePhone())
      const next = somePhone()
      const error = yield* Effect.flip(request(me.id, next))
      assert.strictEqual(error._tag, "RateLimitExceeded")
      assert.isUndefined(yield* sees(me.id, next))
      yield* request(me.id, friend.phone)
      yield* request(other.id, next)
      assert.lengthOf(yield* texts, 21)
      yield* advance(Duration.hours(25))
      yield* request(me.id, next)
      assert.strictEqual(yield* sees(me.id, next), "requesting")
    })
  )

  testOn(friendsOn(SmsQueueMemory({ available: false }).pipe(Layer.provideMerge(MemoryPorts))))(
    "are not found where no SMS can be sent",
    Effect.gen(function* () {
      const [me, friend] = [yield* somebody, yield* somebody]
      const phone = somePhone()
      assert.deepStrictEqual(yield* Effect.flip(request(me.id, phone)), new PersonNotFound())
      yield* signUp(phone)
      yield* request(me.id, friend.phone)
      assert.deepStrictEqual(
        (yield* listOf(me.id)).map(({ accountId }) => accountId),
        [friend.id]
      )
      assert.deepStrictEqual(yield* texts, [])
    })
  )

  test(
    "are asked no more than they were where they are somebody who is known",
    Effect.gen(function* () {
      const people = [yield* somebody, yield* somebody, yield* somebody, yield* somebody, yield* somebody] as const
      const [ada, friend, blocked, declined, gone] = people
      for (const { id, phone } of [friend, blocked, declined]) {
        yield* request(id, ada.phone)
        if (id === declined.id) yield* remove(ada.id, phone)
        else yield* accept(ada.id, phone)
      }
      yield* remove(ada.id, blocked.phone)
      const next = somePhone()
      for (const { id } of people.slice(1)) yield* request(id, next, "Ada")
      yield* leave(gone.id)
      yield* renumber(ada.id, next)
      assert.deepStrictEqual(
        [yield* sees(friend.id, next), yield* sees(blocked.id, next), yield* sees(declined.id, next)],
        ["accepted", "blocked", "requesting"]
      )
      for (const { id } of [friend, blocked, declined]) assert.deepStrictEqual(yield* namesOf(id), ["Ada"])
      assert.strictEqual(yield* sees(ada.id, declined.phone), "deleted")
      assert.lengthOf(yield* listOf(ada.id), 3)
    })
  )

  test(
    "are friends where they have asked the inviter by then",
    Effect.gen(function* () {
      const [me, ada] = [yield* somebody, yield* somebody]
      const next = somePhone()
      yield* request(me.id, next)
      yield* request(ada.id, me.phone)
      yield* renumber(ada.id, next)
      assert.deepStrictEqual([yield* sees(me.id, next), yield* sees(ada.id, me.phone)], ["accepted", "accepted"])
      assert.lengthOf(yield* listOf(me.id), 1)
    })
  )

  test(
    "are nobody's once the inviter's account is gone",
    Effect.gen(function* () {
      const me = yield* somebody
      const phone = somePhone()
      yield* request(me.id, phone)
      yield* AccountRepository.use((accounts) => accounts.delete(me.id))
      assert.deepStrictEqual(yield* listOf(yield* signUp(phone)), [])
    })
  )
})
