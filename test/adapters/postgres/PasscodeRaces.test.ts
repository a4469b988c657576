import { assert, layer } from "@effect/vitest"
import { Context, DateTime, Duration, Effect, Layer, Option, Redacted, Schema } from "effect"
import { PasscodeHasherHmac } from "../../../src/adapters/hmac/PasscodeHasherHmac.ts"
import { PhoneSignIn } from "../../../src/application/accounts/PhoneSignIn.ts"
import { Profile } from "../../../src/application/accounts/Profile.ts"
import { Sessions } from "../../../src/application/accounts/Sessions.ts"
import type { AccountId } from "../../../src/domain/accounts/Account.ts"
import { AccountRepository } from "../../../src/domain/accounts/AccountRepository.ts"
import { Passcode, type PasscodePurpose, PasscodeRequestId } from "../../../src/domain/accounts/Passcode.ts"
import { PasscodeHasher } from "../../../src/domain/accounts/PasscodeHasher.ts"
import { PasscodeRepository } from "../../../src/domain/accounts/PasscodeRepository.ts"
import { SmsRequest } from "../../../src/domain/accounts/SmsQueue.ts"
import type { PhoneDigits } from "../../../src/domain/shared/PhoneNumber.ts"
import { Transaction } from "../../../src/domain/shared/Transaction.ts"
import { FriendshipRepository } from "../../../src/domain/talk/FriendshipRepository.ts"
import { lifetimes } from "../../application/accounts/AccountWorld.ts"
import { atOnce, outcome, together } from "../../contracts/AtOnce.ts"
import { arrivals, someAccount, somePhone } from "../../contracts/Fixtures.ts"
import { describeWith, postgresUrl } from "../../support/Services.ts"
import { serverDatabase } from "../../support/TestDatabase.ts"
import { portsOn } from "./UseCasePorts.ts"

/** How many guesses were compared with a code that there was. */
class Guesses extends Context.Service<Guesses, { count: number }>()("test/Guesses") {}

const CountingHasher = Layer.effect(
  PasscodeHasher,
  Effect.gen(function* () {
    const [hasher, guesses] = [yield* PasscodeHasher, yield* Guesses]
    return PasscodeHasher.of({
      hash: hasher.hash,
      verify: (hash, phone, passcode) => {
        if (hash !== undefined) guesses.count += 1
        return hasher.verify(hash, phone, passcode)
      }
    })
  })
).pipe(
  Layer.provide(PasscodeHasherHmac({ secrets: [Redacted.make("a secret of 32 bytes, and of no use")] })),
  Layer.provideMerge(Layer.sync(Guesses, () => ({ count: 0 })))
)

const OnServer = Layer.merge(
  PhoneSignIn.layer({ passcodeTtl: Duration.minutes(10), testPasscodes: new Map() }),
  Profile.layer
).pipe(
  Layer.provideMerge(Sessions.layer(lifetimes)),
  Layer.provideMerge(Layer.merge(portsOn(serverDatabase()), CountingHasher))
)

const right = "123456"
const shown = (phone: PhoneDigits, code: string) => ({
  phone,
  passcode: Redacted.make(Passcode.make(code)),
  userAgent: undefined
})
const signIn = (phone: PhoneDigits, code = right) =>
  PhoneSignIn.use((phones) => phones.completeSignIn(shown(phone, code)))
const signUp = (phone: PhoneDigits, owner?: AccountId) =>
  PhoneSignIn.use((phones) => phones.completeSignUp(shown(phone, right), owner))

/** As if the SMS with the code had just been sent. */
const sent = Effect.fnUntraced(function* (phone: PhoneDigits, purpose: PasscodePurpose) {
  const [passcodes, hasher, now] = [yield* PasscodeRepository, yield* PasscodeHasher, yield* DateTime.now]
  const id = PasscodeRequestId.make(crypto.randomUUID())
  const end = DateTime.add(now, { minutes: 10 })
  yield* passcodes.request(phone, { id, purpose, owedUntil: end }, now)
  const hash = yield* hasher.hash(phone, Redacted.make(Passcode.make(right)))
  yield* passcodes.issue(phone, id, { hash, expiresAt: end }, now)
})

const signedUp = Effect.fnUntraced(function* (phone: PhoneDigits) {
  yield* sent(phone, "signUp")
  return (yield* signUp(phone)).session.accountId
})
const invited = (owner: AccountId, phone: PhoneDigits) =>
  Effect.gen(function* () {
    const [friendships, { atomic }] = [yield* FriendshipRepository, yield* Transaction]
    const now = yield* DateTime.now
    const invite = friendships.invite(owner, phone, null, now)
    assert.isTrue(yield* atomic(Effect.andThen(friendships.lockNumber(phone, owner), invite)))
  })
const decodeSms = Schema.decodeUnknownEffect(SmsRequest)
const holderOf = (phone: PhoneDigits) =>
  Effect.map(
    AccountRepository.use((accounts) => accounts.findByPhone(phone)),
    (holder) => Option.getOrUndefined(holder)?.id
  )
const sessionsOf = (id: AccountId) => Sessions.use((sessions) => sessions.list(id))

const often = <E, R>(round: Effect.Effect<unknown, E, R>) => Effect.replicateEffect(round, 15, { discard: true })
const times = (count: number, word: string) => Array.from({ length: count }, () => word)

describeWith(postgresUrl)("passcodes at once", () => {
  layer(OnServer, { excludeTestServices: true, timeout: "60 seconds" })("on a server", (it) => {
    it.effect("are guessed at five times, however many come at once", () =>
      often(
        Effect.gen(function* () {
          const [phone, guesses] = [somePhone(), yield* Guesses]
          yield* signedUp(phone)
          yield* sent(phone, "signIn")
          guesses.count = 0
          const wrong = Array.from({ length: 10 }, (_, n) => outcome(signIn(phone, `00000${n}`)))
          assert.deepStrictEqual(yield* atOnce(wrong), times(10, "WrongPasscode"))
          assert.strictEqual(guesses.count, 5)
          assert.strictEqual(yield* outcome(signIn(phone)), "WrongPasscode")
          yield* sent(phone, "signIn")
          assert.strictEqual(yield* outcome(signIn(phone)), "WrongPasscode")
          assert.strictEqual(guesses.count, 5)
        })
      )
    )

    it.effect("open one session each", () =>
      often(
        Effect.gen(function* () {
          const phone = somePhone()
          const id = yield* signedUp(phone)
          yield* sent(phone, "signIn")
          const outcomes = yield* atOnce(times(8, "").map(() => outcome(signIn(phone))))
          assert.deepStrictEqual(outcomes.toSorted(), [...times(7, "WrongPasscode"), "done"])
          assert.lengthOf(yield* sessionsOf(id), 2)
        })
      )
    )

    it.effect("give a number to one account, a new one or one that was there", () =>
      often(
        Effect.gen(function* () {
          const phone = somePhone()
          const owners = [(yield* someAccount).id, (yield* someAccount).id]
          yield* sent(phone, "signUp")
          const all = [undefined, undefined, ...owners, ...owners]
          const outcomes = yield* atOnce(all.map((owner) => outcome(signUp(phone, owner))))
          assert.deepStrictEqual(outcomes.toSorted(), [...times(5, "WrongPasscode"), "done"])
          const winner = all[outcomes.indexOf("done")]
          const holder = yield* holderOf(phone)
          assert.isDefined(holder)
          if (winner !== undefined) assert.strictEqual(holder, winner)
        })
      )
    )

    it.effect("are asked for, sent and used beside each other, and nobody waits for ever", () =>
      often(
        Effect.gen(function* () {
          const phone = somePhone()
          yield* signedUp(phone)
          yield* sent(phone, "signIn")
          const outcomes = yield* Effect.all(
            [
              outcome(signIn(phone)),
              Effect.as(sent(phone, "signIn"), "done"),
              outcome(signIn(phone)),
              outcome(signIn(phone, "000000")),
              outcome(PhoneSignIn.use((phones) => phones.requestSignIn(phone)))
            ],
            together
          )
          for (const one of outcomes) assert.include(["done", "WrongPasscode"], one)
        })
      )
    )

    it.effect(
      "make friends of two who have invited each other's next number, and wait for each other in no circle",
      () =>
        often(
          Effect.gen(function* () {
            const friendships = yield* FriendshipRepository
            const [ada, bob] = [yield* signedUp(somePhone()), yield* signedUp(somePhone())]
            const [adasNext, bobsNext] = [somePhone(), somePhone()]
            yield* invited(ada, bobsNext)
            yield* invited(bob, adasNext)
            for (const phone of [adasNext, bobsNext]) yield* sent(phone, "signUp")
            const changes = [outcome(signUp(adasNext, ada)), outcome(signUp(bobsNext, bob))]
            assert.deepStrictEqual(yield* atOnce(changes), ["done", "done"])
            for (const [owner, phone] of [
              [ada, bobsNext],
              [bob, adasNext]
            ] as const) {
              const statuses = (yield* friendships.list(owner)).map(({ phoneNumber, status }) => [phoneNumber, status])
              assert.deepStrictEqual(statuses, [[phone, "accepted"]])
            }
          })
        )
    )

    it.effect("give a number that somebody invited who is deleted meanwhile", () =>
      often(
        Effect.gen(function* () {
          const [phone, profile, friendships] = [somePhone(), yield* Profile, yield* FriendshipRepository]
          const [ada, bob] = [yield* signedUp(somePhone()), yield* signedUp(somePhone())]
          yield* invited(bob, phone)
          yield* sent(phone, "signUp")
          const outcomes = yield* atOnce([outcome(signUp(phone, ada)), outcome(profile.remove(bob, undefined))])
          assert.deepStrictEqual(outcomes, ["done", "done"])
          assert.deepStrictEqual(yield* friendships.list(ada), [])
        })
      )
    )

    it.effect("give an account one number after the other, and each of those who lose one is told", () =>
      often(
        Effect.gen(function* () {
          const [first, second, third] = [somePhone(), somePhone(), somePhone()]
          const id = yield* signedUp(first)
          for (const phone of [second, third]) yield* sent(phone, "signUp")
          yield* arrivals("sms")
          yield* atOnce([signUp(second, id), signUp(third, id)])
          const told = (yield* arrivals("sms")).map(({ data }) => data)
          const loser = (yield* holderOf(second)) === undefined ? second : third
          assert.sameMembers(yield* Effect.forEach(told, (data) => Effect.map(decodeSms(data), ({ to }) => to)), [
            first,
            loser
          ])
        })
      )
    )

    it.effect("leave nothing of an account that is deleted meanwhile", () =>
      often(
        Effect.gen(function* () {
          const [old, next, profile] = [somePhone(), somePhone(), yield* Profile]
          const id = yield* signedUp(old)
          yield* sent(old, "signIn")
          yield* sent(next, "signUp")
          const [signedIn, changed, removed] = yield* Effect.all(
            [outcome(signIn(old)), outcome(signUp(next, id)), outcome(profile.remove(id, undefined))],
            together
          )
          assert.strictEqual(removed, "done")
          assert.include(["done", "WrongPasscode"], signedIn)
          assert.include(["done", "AccountNotFound"], changed)
          assert.deepStrictEqual([yield* holderOf(old), yield* holderOf(next)], [undefined, undefined])
          assert.deepStrictEqual(yield* sessionsOf(id), [])
        })
      )
    )
  })
})
