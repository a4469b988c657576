import { Context, DateTime, Effect, Layer, Option, type Redacted, Schema } from "effect"
import { type AccountId, type AccountNotFound, PhoneTaken } from "../../domain/accounts/Account.ts"
import { AccountRepository } from "../../domain/accounts/AccountRepository.ts"
import { type Passcode, type PasscodeExpired, WrongPasscode } from "../../domain/accounts/Passcode.ts"
import { type PhoneDigits, phoneDigits, type PhoneNumber } from "../../domain/shared/PhoneNumber.ts"
import type { RateLimitExceeded } from "../../domain/shared/RateLimits.ts"
import { makeWelcome } from "../talk/Welcome.ts"
import { makeMailing } from "./Mailing.ts"
import { makePasscodes, type NoSmsService, type PasscodeOptions } from "./Passcodes.ts"
import { Sessions, type SignedIn } from "./Sessions.ts"
import { makeTexting } from "./Texting.ts"

/** No account has that number. */
export class PhoneNotRegistered extends Schema.TaggedError<PhoneNotRegistered>()("PhoneNotRegistered", {}) {}

/** What somebody shows who has received an SMS. */
export interface ShownPasscode {
  readonly phone: PhoneNumber
  readonly passcode: Redacted.Redacted<Passcode>
  /** The `User-Agent` of the client. */
  readonly userAgent: string | undefined
}

/** Accounts and sessions for whoever receives SMS at a number. Sessions are of the talk dialect, without a refresh step. */
export class PhoneSignIn extends Context.Service<
  PhoneSignIn,
  {
    /** Sends a code to a number that no account has. */
    requestSignUp(phone: PhoneNumber): Effect.Effect<void, PhoneTaken | RateLimitExceeded | NoSmsService>
    /**
     * Opens an account with the number; or gives the number to `owner`, in the place of the one that it had, and tells
     * its e-mail address and the number before. Friends who waited for that number have asked by then.
     */
    completeSignUp(
      shown: ShownPasscode,
      owner?: AccountId
    ): Effect.Effect<SignedIn, WrongPasscode | PasscodeExpired | PhoneTaken | AccountNotFound>
    /** Sends a code to a number that an account has. */
    requestSignIn(phone: PhoneNumber): Effect.Effect<void, PhoneNotRegistered | RateLimitExceeded | NoSmsService>
    /** Of a number that no account has, every code is wrong. */
    completeSignIn(shown: ShownPasscode): Effect.Effect<SignedIn, WrongPasscode | PasscodeExpired>
  }
>()("rookery/application/accounts/PhoneSignIn") {
  static readonly layer = (options: PasscodeOptions) =>
    Layer.effect(
      PhoneSignIn,
      Effect.gen(function* () {
        const accounts = yield* AccountRepository
        const sessions = yield* Sessions
        const mail = yield* makeMailing
        const text = yield* makeTexting
        const welcome = yield* makeWelcome
        const passcodes = yield* makePasscodes(options)

        const open = (accountId: AccountId, { userAgent }: ShownPasscode) =>
          sessions.open({ accountId, dialect: "talk", refreshable: false, userAgent })

        const requestSignUp = Effect.fn("PhoneSignIn.requestSignUp")(function* (phone: PhoneNumber) {
          const digits = phoneDigits(phone)
          const holder = yield* accounts.findByPhone(digits)
          if (Option.isSome(holder)) return yield* new PhoneTaken({ phoneNumber: digits })
          yield* passcodes.send(digits, "signUp")
        })

        const requestSignIn = Effect.fn("PhoneSignIn.requestSignIn")(function* (phone: PhoneNumber) {
          const digits = phoneDigits(phone)
          if (Option.isNone(yield* accounts.findByPhone(digits))) return yield* new PhoneNotRegistered()
          yield* passcodes.send(digits, "signIn")
        })

        /** Whoever had the account's old number, or its address, learns of the change. */
        const setPhone = Effect.fnUntraced(function* (owner: AccountId, phone: PhoneDigits) {
          const { email, phoneNumber: before } = yield* accounts.findByIdForChange(owner)
          const account = yield* accounts.savePhone(owner, phone)
          const at = yield* DateTime.now
          if (email !== null) yield* mail({ _tag: "PhoneChanged", to: email, at, accountId: owner })
          if (before !== null) yield* text({ _tag: "PhoneChanged", to: before, at, accountId: owner })
          return account
        })

        const completeSignUp = Effect.fn("PhoneSignIn.completeSignUp")(function* (
          shown: ShownPasscode,
          owner?: AccountId
        ) {
          const phone = phoneDigits(shown.phone)
          const signUp = Effect.gen(function* () {
            const now = yield* DateTime.now
            const { id } = yield* owner === undefined ? accounts.insertWithPhone(phone, now) : setPhone(owner, phone)
            return yield* Effect.tap(open(id, shown), welcome(id, phone))
          })
          return yield* passcodes.redeem(phone, "signUp", shown.passcode, signUp)
        })

        const completeSignIn = Effect.fn("PhoneSignIn.completeSignIn")(
          function* (shown: ShownPasscode) {
            const phone = phoneDigits(shown.phone)
            const signIn = Effect.gen(function* () {
              const holder = yield* accounts.findByPhone(phone)
              return Option.isNone(holder) ? yield* new WrongPasscode() : yield* open(holder.value.id, shown)
            })
            return yield* passcodes.redeem(phone, "signIn", shown.passcode, signIn)
          },
          // Deleted just now.
          Effect.catchTag("AccountNotFound", () => Effect.fail(new WrongPasscode()))
        )

        return PhoneSignIn.of({ requestSignUp, completeSignUp, requestSignIn, completeSignIn })
      })
    )
}
