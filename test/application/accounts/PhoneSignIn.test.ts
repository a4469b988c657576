import { assert, describe } from "@effect/vitest"
import { DateTime, Duration, Effect, HashMap, Layer } from "effect"
import { TestClock } from "effect/testing"
import { inspect } from "node:util"
import { MemoryWorld } from "../../../src/adapters/memory/MemoryWorld.ts"
import { SmsQueueMemory } from "../../../src/adapters/memory/SmsQueueMemory.ts"
import { PhoneSignIn } from "../../../src/application/accounts/PhoneSignIn.ts"
import { AccountId } from "../../../src/domain/accounts/Account.ts"
import { AccountRepository } from "../../../src/domain/accounts/AccountRepository.ts"
import { SmsService } from "../../../src/adapters/memory/SmsSenderMemory.ts"
import { PhoneNumber, phoneDigits } from "../../../src/domain/shared/PhoneNumber.ts"
import { SmsUnavailable } from "../../../src/domain/shared/SmsSender.ts"
import { advance, testOn } from "../RookeryTest.ts"
import { adasEmail, lives, mails, someAccount } from "./AccountWorld.ts"
import {
  accountOf,
  adasPhone,
  bobsPhone,
  code,
  completeSignIn,
  completeSignUp,
  holderOf,
  Looks,
  notCode,
  passcodeTtl,
  PhoneWorld,
  received,
  requestSignIn,
  requestSignUp,
  signedUp,
  start,
  test,
  testPasscodes,
  testPhone
} from "./PhoneWorld.ts"
import { outcome } from "../../contracts/AtOnce.ts"

const plus = (phone: PhoneNumber) => PhoneNumber.make(`+${phone}`)
const owed = MemoryWorld.use((world) => world.read(({ outbox }) => HashMap.size(outbox)))
const wrongTries = (phone: PhoneNumber, right: string, count: number) =>
  Effect.forEach(Array.from({ length: count }), (_, n) => outcome(completeSignIn(phone, notCode(right, n + 1))))
const moment = (date: DateTime.Utc) => DateTime.toEpochMillis(date)

describe("PhoneSignIn", () => {
  test(
    "opens an account for who shows the code that came by SMS, and a session that needs no refreshing",
    Effect.gen(function* () {
      yield* start
      yield* requestSignUp(adasPhone)
      const signedIn = yield* completeSignUp(adasPhone, yield* code(adasPhone))
      const { accessToken, expiresIn, refreshToken, session } = signedIn
      const account = yield* accountOf(signedIn)
      assert.deepInclude(account, { phoneNumber: adasPhone, username: null, email: null, firstName: null })
      assert.isFalse(account.needsVerification)
      assert.deepInclude(session, { dialect: "talk", userAgent: "PuffinTalk/1.0" })
      assert.isNull(refreshToken)
      assert.strictEqual(Duration.toDays(expiresIn), 30)
      assert.isTrue(yield* lives(accessToken))
    })
  )

  test(
    "knows a number with and without its +, and signs in to the account that it is of",
    Effect.gen(function* () {
      yield* start
      yield* requestSignUp(plus(adasPhone))
      const first = yield* completeSignUp(adasPhone, yield* code(adasPhone))
      yield* requestSignIn(adasPhone)
      const again = yield* completeSignIn(plus(adasPhone), yield* code(adasPhone))
      assert.strictEqual(again.session.accountId, first.session.accountId)
      assert.notStrictEqual(again.session.id, first.session.id)
      assert.strictEqual(again.session.dialect, "talk")
      assert.strictEqual((yield* accountOf(first)).phoneNumber, phoneDigits(adasPhone))
    })
  )

  test(
    "signs nobody up who has an account, and nobody in who has none, and sends them nothing",
    Effect.gen(function* () {
      yield* start
      yield* signedUp(adasPhone)
      const before = yield* received(adasPhone)
      assert.strictEqual(yield* outcome(requestSignUp(plus(adasPhone))), "PhoneTaken")
      assert.strictEqual(yield* outcome(requestSignIn(bobsPhone)), "PhoneNotRegistered")
      assert.deepStrictEqual(yield* received(adasPhone), before)
      assert.deepStrictEqual(yield* received(bobsPhone), [])
    })
  )

  test(
    "takes a code once, for the number and the step that it was asked for",
    Effect.gen(function* () {
      yield* start
      yield* requestSignUp(adasPhone)
      yield* requestSignUp(bobsPhone)
      const [adas, bobs] = [yield* code(adasPhone), yield* code(bobsPhone)]
      assert.strictEqual(yield* outcome(completeSignIn(adasPhone, adas)), "WrongPasscode")
      if (adas !== bobs) assert.strictEqual(yield* outcome(completeSignUp(adasPhone, bobs)), "WrongPasscode")
      assert.strictEqual(yield* outcome(completeSignUp(adasPhone, adas)), "done")
      assert.strictEqual(yield* outcome(completeSignUp(adasPhone, adas)), "WrongPasscode")
      assert.strictEqual(yield* outcome(completeSignIn(adasPhone, adas)), "WrongPasscode")
      yield* requestSignIn(adasPhone)
      const next = yield* code(adasPhone)
      assert.strictEqual(yield* outcome(completeSignUp(adasPhone, next)), "WrongPasscode")
      assert.strictEqual(yield* outcome(completeSignIn(adasPhone, next)), "done")
      assert.strictEqual(yield* outcome(completeSignIn(adasPhone, next)), "WrongPasscode")
    })
  )

  test(
    "takes the latest code alone",
    Effect.gen(function* () {
      yield* start
      yield* requestSignUp(adasPhone)
      const first = yield* code(adasPhone)
      yield* requestSignUp(adasPhone)
      const second = yield* code(adasPhone)
      if (first !== second) assert.strictEqual(yield* outcome(completeSignUp(adasPhone, first)), "WrongPasscode")
      assert.strictEqual(yield* outcome(completeSignUp(adasPhone, second)), "done")
    })
  )

  test(
    "takes a code for ten minutes from when it was sent, and says of the right one that it came too late",
    Effect.gen(function* () {
      // The SMS goes out only when somebody sends it.
      yield* requestSignUp(adasPhone)
      yield* TestClock.adjust("9 minutes")
      yield* start
      const first = yield* code(adasPhone)
      yield* TestClock.adjust(Duration.subtract(passcodeTtl, Duration.millis(1)))
      assert.strictEqual(yield* outcome(completeSignUp(adasPhone, notCode(first))), "WrongPasscode")
      yield* requestSignUp(bobsPhone)
      const other = yield* code(bobsPhone)
      yield* TestClock.adjust("1 millis")
      // However often: it opens nothing, and is no guess.
      for (let n = 0; n < 7; n++) {
        assert.strictEqual(yield* outcome(completeSignUp(adasPhone, first)), "PasscodeExpired")
      }
      assert.strictEqual(yield* outcome(completeSignUp(adasPhone, notCode(first))), "WrongPasscode")
      assert.isUndefined(yield* holderOf(adasPhone))
      yield* TestClock.adjust(Duration.subtract(passcodeTtl, Duration.millis(2)))
      assert.strictEqual(yield* outcome(completeSignUp(bobsPhone, other)), "done")
    })
  )

  test(
    "bears five wrong tries in an hour, however often a code is asked for",
    Effect.gen(function* () {
      yield* start
      yield* signedUp(adasPhone)
      yield* signedUp(bobsPhone)
      yield* requestSignIn(adasPhone)
      const first = yield* code(adasPhone)
      assert.deepStrictEqual(yield* wrongTries(adasPhone, first, 4), Array(4).fill("WrongPasscode"))
      yield* TestClock.adjust("5 minutes")
      assert.deepStrictEqual(yield* wrongTries(adasPhone, first, 1), ["WrongPasscode"])
      assert.strictEqual(yield* outcome(completeSignIn(adasPhone, first)), "WrongPasscode")
      yield* requestSignIn(adasPhone)
      const second = yield* code(adasPhone)
      assert.strictEqual(yield* outcome(completeSignIn(adasPhone, second)), "WrongPasscode")
      // Nobody else is kept out by it.
      yield* requestSignIn(bobsPhone)
      assert.strictEqual(yield* outcome(completeSignIn(bobsPhone, yield* code(bobsPhone))), "done")
      // Tries that were not looked at do not make it last longer.
      yield* TestClock.adjust("54 minutes")
      yield* requestSignIn(adasPhone)
      const third = yield* code(adasPhone)
      yield* TestClock.adjust(Duration.millis(59_999))
      assert.strictEqual(yield* outcome(completeSignIn(adasPhone, third)), "WrongPasscode")
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(yield* outcome(completeSignIn(adasPhone, third)), "done")
    })
  )

  test(
    "never compares more than five guesses in any hour, and all five again after a right one",
    Effect.gen(function* () {
      yield* start
      yield* signedUp(adasPhone)
      const looks = yield* Looks
      const guesses = Effect.fnUntraced(function* (right: string, count: number) {
        const before = looks.guesses
        yield* wrongTries(adasPhone, right, count)
        return looks.guesses - before
      })
      yield* requestSignIn(adasPhone)
      const first = yield* code(adasPhone)
      assert.strictEqual(yield* guesses(first, 4), 4)
      assert.strictEqual(yield* outcome(completeSignIn(adasPhone, first)), "done")
      yield* requestSignIn(adasPhone)
      assert.strictEqual(yield* guesses(yield* code(adasPhone), 20), 5)
      yield* TestClock.adjust("30 minutes")
      yield* requestSignIn(adasPhone)
      assert.strictEqual(yield* guesses(yield* code(adasPhone), 20), 0)
      yield* TestClock.adjust("31 minutes")
      yield* requestSignIn(adasPhone)
      assert.strictEqual(yield* guesses(yield* code(adasPhone), 20), 5)
    })
  )

  test(
    "compares no more when all guesses come at once, the right one after five others among them",
    Effect.gen(function* () {
      yield* start
      yield* signedUp(adasPhone)
      yield* requestSignIn(adasPhone)
      const right = yield* code(adasPhone)
      const looks = yield* Looks
      looks.guesses = 0
      const codes = Array.from({ length: 10 }, (_, n) => notCode(right, n + 1))
      const outcomes = yield* Effect.forEach([...codes, right], (one) => outcome(completeSignIn(adasPhone, one)), {
        concurrency: "unbounded"
      })
      assert.deepStrictEqual(outcomes, Array(11).fill("WrongPasscode"))
      assert.strictEqual(looks.guesses, 5)
    })
  )

  test(
    "counts what is tried of a number before anybody asked for a code of it",
    Effect.gen(function* () {
      yield* start
      assert.deepStrictEqual(yield* wrongTries(adasPhone, "000000", 5), Array(5).fill("WrongPasscode"))
      yield* requestSignUp(adasPhone)
      assert.strictEqual(yield* outcome(completeSignUp(adasPhone, yield* code(adasPhone))), "WrongPasscode")
    })
  )

  test(
    "does for a number that nobody has what it does for a wrong code, and says the same",
    Effect.gen(function* () {
      yield* start
      yield* signedUp(adasPhone)
      yield* requestSignIn(adasPhone)
      const looks = yield* Looks
      const asked = Effect.fnUntraced(function* (phone: PhoneNumber) {
        looks.calls = []
        const error = yield* Effect.flip(completeSignIn(phone, notCode(yield* code(adasPhone))))
        return [error, looks.calls] as const
      })
      const [wrong, calls] = yield* asked(adasPhone)
      assert.deepStrictEqual(calls, ["lock", "verify", "addWrongTry"])
      assert.deepStrictEqual(yield* asked(bobsPhone), [wrong, calls])
    })
  )

  test(
    "sends five codes an hour to a number, and leaves the last one good when it refuses a sixth",
    Effect.gen(function* () {
      yield* start
      for (let n = 0; n < 5; n++) yield* requestSignUp(n % 2 === 0 ? adasPhone : plus(adasPhone))
      assert.lengthOf(yield* received(adasPhone), 5)
      assert.strictEqual(yield* outcome(requestSignUp(adasPhone)), "RateLimitExceeded")
      assert.strictEqual(yield* outcome(requestSignUp(bobsPhone)), "done")
      assert.strictEqual(yield* outcome(completeSignUp(adasPhone, yield* code(adasPhone))), "done")
      // What sends nothing counts for nothing.
      for (let n = 0; n < 9; n++) assert.strictEqual(yield* outcome(requestSignUp(adasPhone)), "PhoneTaken")
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(yield* outcome(requestSignIn(adasPhone)), "done")
    })
  )

  test(
    "gives a number to an account that has none, and tells its address",
    Effect.gen(function* () {
      yield* start
      const { id } = yield* someAccount(adasEmail)
      yield* requestSignUp(adasPhone)
      const signedIn = yield* completeSignUp(adasPhone, yield* code(adasPhone), id)
      assert.strictEqual(signedIn.session.accountId, id)
      const account = yield* accountOf(signedIn)
      assert.deepInclude(account, { phoneNumber: adasPhone, email: adasEmail })
      assert.isFalse(account.needsVerification)
      const told = yield* mails
      assert.deepStrictEqual(
        told.map(({ _tag, to }) => [_tag, to]),
        [["PhoneChanged", adasEmail]]
      )
      yield* advance()
      assert.lengthOf(yield* received(adasPhone), 1)
      yield* requestSignIn(adasPhone)
      const again = yield* completeSignIn(adasPhone, yield* code(adasPhone))
      assert.strictEqual(again.session.accountId, id)
    })
  )

  test(
    "gives an account another number, and tells whoever has the old one, which signs in no more",
    Effect.gen(function* () {
      yield* start
      const { session } = yield* signedUp(adasPhone)
      const now = yield* DateTime.now
      yield* requestSignUp(bobsPhone)
      yield* completeSignUp(bobsPhone, yield* code(bobsPhone), session.accountId)
      yield* advance()
      assert.strictEqual((yield* holderOf(bobsPhone))?.id, session.accountId)
      assert.isUndefined(yield* holderOf(adasPhone))
      assert.match(
        (yield* received(adasPhone)).at(-1) ?? "",
        /^On .* your Rookery account was given another phone number/
      )
      assert.deepStrictEqual(yield* mails, [])
      assert.strictEqual(yield* outcome(requestSignIn(adasPhone)), "PhoneNotRegistered")
      // And is free for others.
      const other = yield* signedUp(adasPhone)
      assert.notStrictEqual(other.session.accountId, session.accountId)
      assert.isAtLeast(moment((yield* accountOf(other)).createdAt), moment(now))
    })
  )

  test(
    "leaves a code good where the number was taken or the account deleted meanwhile",
    Effect.gen(function* () {
      yield* start
      const accounts = yield* AccountRepository
      const now = yield* DateTime.now
      yield* requestSignUp(adasPhone)
      const right = yield* code(adasPhone)
      const holder = yield* accounts.insertWithPhone(phoneDigits(adasPhone), now)
      const { id } = yield* someAccount(adasEmail)
      assert.strictEqual(yield* outcome(completeSignUp(adasPhone, right)), "PhoneTaken")
      assert.strictEqual(yield* outcome(completeSignUp(adasPhone, right, id)), "PhoneTaken")
      assert.isNull((yield* accounts.findById(id)).phoneNumber)
      assert.deepStrictEqual(yield* mails, [])
      yield* accounts.delete(holder.id)
      assert.strictEqual(yield* outcome(completeSignUp(adasPhone, right, AccountId.make(holder.id))), "AccountNotFound")
      assert.strictEqual(yield* outcome(completeSignUp(adasPhone, right, id)), "done")
    })
  )

  test(
    "signs nobody in to an account that is gone",
    Effect.gen(function* () {
      yield* start
      const { session } = yield* signedUp(adasPhone)
      yield* requestSignIn(adasPhone)
      yield* AccountRepository.use((accounts) => accounts.delete(session.accountId))
      assert.strictEqual(yield* outcome(completeSignIn(adasPhone, yield* code(adasPhone))), "WrongPasscode")
    })
  )

  test(
    "gives a test number its code at once and sends it nothing, by the same rules",
    Effect.gen(function* () {
      yield* start
      const plain = phoneDigits(testPhone)
      assert.strictEqual(yield* outcome(completeSignUp(plain, "654321")), "WrongPasscode")
      yield* requestSignUp(testPhone)
      assert.strictEqual(yield* owed, 0)
      assert.strictEqual(yield* outcome(completeSignUp(plain, "654322")), "WrongPasscode")
      assert.strictEqual(yield* outcome(completeSignIn(plain, "654321")), "WrongPasscode")
      assert.strictEqual(yield* outcome(completeSignUp(plain, "654321")), "done")
      assert.strictEqual(yield* outcome(completeSignIn(plain, "654321")), "WrongPasscode")
      yield* requestSignIn(plain)
      yield* TestClock.adjust(passcodeTtl)
      assert.strictEqual(yield* outcome(completeSignIn(testPhone, "654321")), "PasscodeExpired")
      yield* requestSignIn(plain)
      assert.strictEqual(yield* outcome(completeSignIn(testPhone, "654321")), "done")
      assert.deepStrictEqual(yield* received(plain), [])
    })
  )

  test(
    "keeps no code where anybody could read it, sent or about to be",
    Effect.gen(function* () {
      const world = yield* MemoryWorld
      const dump = world.read((all) => inspect(JSON.parse(JSON.stringify(all)), { depth: null, maxArrayLength: null }))
      yield* SmsService.use((service) =>
        service.answer(() => Effect.fail(new SmsUnavailable({ reason: "did not answer" })))
      )
      yield* start
      yield* requestSignUp(adasPhone)
      yield* requestSignUp(testPhone)
      const [sms] = yield* SmsService.use(({ tries }) => tries)
      const tried = sms?.text.slice(0, 6) ?? assert.fail("nothing was tried")
      const before = yield* dump
      assert.include(before, "rookery.sms.passcode")
      for (const secret of [tried, "654321"]) assert.notInclude(before, secret)
    })
  )
})

const NoService = PhoneSignIn.layer({ passcodeTtl, testPasscodes }).pipe(
  Layer.provideMerge(SmsQueueMemory({ available: false })),
  Layer.provideMerge(PhoneWorld)
)

describe("PhoneSignIn where no SMS can be sent", () => {
  testOn(NoService)(
    "says so, and owes nothing",
    Effect.gen(function* () {
      for (let n = 0; n < 9; n++) assert.strictEqual(yield* outcome(requestSignUp(adasPhone)), "NoSmsService")
      assert.strictEqual(yield* owed, 0)
      yield* requestSignUp(testPhone)
      assert.strictEqual(yield* outcome(completeSignUp(testPhone, "654321")), "done")
    })
  )
})
