import { assert } from "@effect/vitest"
import { Context, Duration, Effect, Layer, Option, Redacted } from "effect"
import { SmsService } from "../../../src/adapters/memory/SmsSenderMemory.ts"
import { PhoneSignIn } from "../../../src/application/accounts/PhoneSignIn.ts"
import { Sessions, type SignedIn } from "../../../src/application/accounts/Sessions.ts"
import { SmsDelivery } from "../../../src/application/accounts/SmsDelivery.ts"
import type { AccountId } from "../../../src/domain/accounts/Account.ts"
import { AccountRepository } from "../../../src/domain/accounts/AccountRepository.ts"
import { Passcode } from "../../../src/domain/accounts/Passcode.ts"
import { PasscodeHasher } from "../../../src/domain/accounts/PasscodeHasher.ts"
import { PasscodeRepository } from "../../../src/domain/accounts/PasscodeRepository.ts"
import { PhoneDigits, phoneDigits, PhoneNumber } from "../../../src/domain/shared/PhoneNumber.ts"
import { MemoryPorts } from "../../../src/RookeryMemory.ts"
import { advance, testOn } from "../RookeryTest.ts"
import { lifetimes } from "./AccountWorld.ts"

export const publicUrl = "https://rookery.example.com"
export const passcodeTtl = Duration.minutes(10)

export const [adasPhone, bobsPhone] = [PhoneDigits.make("4915112345678"), PhoneDigits.make("14155550101")]
export const testPhone = PhoneNumber.make("+1234567890")
export const testPasscodes = new Map([[phoneDigits(testPhone), Redacted.make(Passcode.make("654321"))]])

/** What was asked of the ports that a code is looked at with, in order; guesses are those that could be right. */
export class Looks extends Context.Service<Looks, { calls: Array<string>; guesses: number }>()("test/Looks") {}

const Watched = Layer.effectContext(
  Effect.gen(function* () {
    const [passcodes, hasher, accounts] = [yield* PasscodeRepository, yield* PasscodeHasher, yield* AccountRepository]
    const looks = yield* Looks
    const seen =
      <Args extends ReadonlyArray<unknown>, A, E>(name: string, call: (...args: Args) => Effect.Effect<A, E>) =>
      (...args: Args) =>
        Effect.suspend(() => {
          looks.calls.push(name)
          return call(...args)
        })
    const verify = seen("verify", hasher.verify)
    return Context.make(
      PasscodeRepository,
      PasscodeRepository.of({
        request: seen("request", passcodes.request),
        issue: seen("issue", passcodes.issue),
        lock: seen("lock", passcodes.lock),
        addWrongTry: seen("addWrongTry", passcodes.addWrongTry),
        use: seen("use", passcodes.use),
        deleteUnusedSince: passcodes.deleteUnusedSince
      })
    ).pipe(
      Context.add(
        PasscodeHasher,
        PasscodeHasher.of({
          hash: hasher.hash,
          verify: (hash, phone, passcode) => {
            if (hash !== undefined) looks.guesses += 1
            return verify(hash, phone, passcode)
          }
        })
      ),
      Context.add(
        AccountRepository,
        AccountRepository.of({ ...accounts, findByPhone: seen("findByPhone", accounts.findByPhone) })
      )
    )
  })
).pipe(Layer.provideMerge(MemoryPorts), Layer.provideMerge(Layer.sync(Looks, () => ({ calls: [], guesses: 0 }))))

export const PhoneWorld = PhoneSignIn.layer({ passcodeTtl, testPasscodes }).pipe(
  Layer.provideMerge(Sessions.layer(lifetimes)),
  Layer.provideMerge(Watched)
)

export const test = testOn(PhoneWorld)

/** What sends the SMS, from now on. */
export const start = Effect.andThen(Layer.build(Layer.fresh(SmsDelivery({ publicUrl, passcodeTtl }))), advance())

const use = <A, E>(call: (phones: PhoneSignIn["Service"]) => Effect.Effect<A, E>) =>
  Effect.tap(PhoneSignIn.use(call), advance())
export const requestSignUp = (phone: PhoneNumber) => use((phones) => phones.requestSignUp(phone))
export const requestSignIn = (phone: PhoneNumber) => use((phones) => phones.requestSignIn(phone))
const shown = (phone: PhoneNumber, code: string) => ({
  phone,
  passcode: Redacted.make(Passcode.make(code)),
  userAgent: "PuffinTalk/1.0"
})
export const completeSignUp = (phone: PhoneNumber, code: string, owner?: AccountId) =>
  PhoneSignIn.use((phones) => phones.completeSignUp(shown(phone, code), owner))
export const completeSignIn = (phone: PhoneNumber, code: string) =>
  PhoneSignIn.use((phones) => phones.completeSignIn(shown(phone, code)))

/** The SMS that arrived at a number, the latest last. */
export const received = (phone: PhoneNumber) =>
  SmsService.use(({ taken }) =>
    Effect.map(taken, (all) => all.filter(({ to }) => to === phoneDigits(phone)).map(({ text }) => text))
  )

/** The code that arrived last. */
export const code = (phone: PhoneNumber) =>
  Effect.map(received(phone), (texts) => /^\d{6}(?= )/.exec(texts.at(-1) ?? "")?.[0] ?? assert.fail("no code came"))

/** Another code than that one: `n` tells which. */
export const notCode = (right: string, n = 1) => String((Number(right) + n) % 1_000_000).padStart(6, "0")

/** An account that signed up with the number. */
export const signedUp = Effect.fnUntraced(function* (phone: PhoneNumber) {
  yield* requestSignUp(phone)
  return yield* completeSignUp(phone, yield* code(phone))
})

export const accountOf = ({ session }: SignedIn) =>
  AccountRepository.use((accounts) => accounts.findById(session.accountId))

export const holderOf = (phone: PhoneNumber) =>
  AccountRepository.use((accounts) => accounts.findByPhone(phoneDigits(phone))).pipe(Effect.map(Option.getOrUndefined))
