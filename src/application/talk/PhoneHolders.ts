import { Cache, Context, Duration, Effect, Exit, Layer, Schema } from "effect"
import type { AccountId } from "../../domain/accounts/Account.ts"
import { AccountRepository } from "../../domain/accounts/AccountRepository.ts"

/** The account has no phone number: nobody could know who talks. */
export class NoPhoneNumber extends Schema.TaggedError<NoPhoneNumber>()("NoPhoneNumber", {}) {}

/** Bounds the memory of accounts that are known to have a number; the least recently used is forgotten first. */
const knownAccounts = 50_000

/** Who may talk: accounts with a phone number. */
export class PhoneHolders extends Context.Service<
  PhoneHolders,
  {
    /** Costs no round trip once the account is known to have a number. */
    require(accountId: AccountId): Effect.Effect<void, NoPhoneNumber>
  }
>()("rookery/application/talk/PhoneHolders") {
  static readonly layer = Layer.effect(
    PhoneHolders,
    Effect.gen(function* () {
      const accounts = yield* AccountRepository

      // Who has a number may get another one, and never has none again. Who has none is looked at each time.
      const known = yield* Cache.makeWith(
        (id: AccountId) =>
          accounts.findById(id).pipe(
            Effect.filterOrFail(
              ({ phoneNumber }) => phoneNumber !== null,
              () => new NoPhoneNumber()
            ),
            Effect.asVoid,
            // Deleted just now.
            Effect.catchTag("AccountNotFound", () => Effect.fail(new NoPhoneNumber()))
          ),
        {
          capacity: knownAccounts,
          timeToLive: (exit) => (Exit.isSuccess(exit) ? Duration.infinity : Duration.zero)
        }
      )

      return PhoneHolders.of({ require: (id) => Cache.get(known, id) })
    })
  )
}
