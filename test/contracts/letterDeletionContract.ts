import { assert, layer } from "@effect/vitest"
import { DateTime, Duration, Effect, type Layer, Result, Schema } from "effect"
import { type Account, type AccountId, PasswordHash } from "../../src/domain/accounts/Account.ts"
import { AccountRepository } from "../../src/domain/accounts/AccountRepository.ts"
import { MailQueue, MailRequest } from "../../src/domain/accounts/MailQueue.ts"
import { PasscodeRequestId } from "../../src/domain/accounts/Passcode.ts"
import { SmsQueue, SmsRequest } from "../../src/domain/accounts/SmsQueue.ts"
import { Outbox, type OutboxEntry } from "../../src/domain/events/Outbox.ts"
import { EmailAddress } from "../../src/domain/shared/EmailAddress.ts"
import { Transaction } from "../../src/domain/shared/Transaction.ts"
import { arrivals, bury, emptyOutbox, somePhone } from "./Fixtures.ts"

type Ports = AccountRepository | MailQueue | SmsQueue | Outbox | Transaction

const at = DateTime.makeUnsafe("2026-11-20T16:42:10.123Z")
const formerEmail = EmailAddress.make("former@example.com")
const formerPhone = somePhone()

const emailOf = ({ email }: Account) => email ?? EmailAddress.make("nobody@example.com")
const phoneOf = ({ phoneNumber }: Account) => phoneNumber ?? formerPhone

const links = (account: Account): ReadonlyArray<MailRequest> => [
  { _tag: "Verification", accountId: account.id, to: EmailAddress.make("pending@example.com") },
  // As whoever asked for it spelt it.
  { _tag: "PasswordReset", to: EmailAddress.make(emailOf(account).toUpperCase()) }
]
const notices = (account: Account): ReadonlyArray<MailRequest> => [
  { _tag: "AddressChanged", to: formerEmail, at, accountId: account.id, newAddress: emailOf(account) },
  { _tag: "PasswordChanged", to: formerEmail, at, accountId: account.id },
  { _tag: "PhoneChanged", to: emailOf(account), at },
  { _tag: "VerificationAgain", to: emailOf(account) }
]
const texts = (account: Account): ReadonlyArray<SmsRequest> => [
  { _tag: "Passcode", to: phoneOf(account), requestId: PasscodeRequestId.make("0d1b2f0e-5d0f-4a58-9c3e-0a1b2c3d4e5f") },
  { _tag: "Invitation", to: phoneOf(account) },
  { _tag: "PhoneChanged", to: formerPhone, at, accountId: account.id }
]

const readMail = Schema.decodeUnknownSync(MailRequest)
const readSms = Schema.decodeUnknownSync(SmsRequest)
const requests = (entries: ReadonlyArray<Pick<OutboxEntry, "destination" | "data">>) =>
  entries.map(({ data, destination }) => (destination === "mail" ? readMail(data) : readSms(data)))

/** What becomes of mails and SMS when the account goes that they are for. */
export const letterDeletionContract = <E>(name: string, adapter: Layer.Layer<Ports, E>) =>
  layer(adapter, { excludeTestServices: true })(`AccountRepository, deletion of letters: ${name}`, (it) => {
    const person = Effect.gen(function* () {
      const accounts = yield* AccountRepository
      const email = EmailAddress.make(`Ada-${crypto.randomUUID()}@Example.com`)
      const rest = { username: null, firstName: null, lastName: null, passwordHash: PasswordHash.make("$none$") }
      const { id } = yield* accounts.insert({ ...rest, email }, yield* DateTime.now)
      return yield* accounts.savePhone(id, somePhone())
    })
    const remove = (id: AccountId) => AccountRepository.use((accounts) => accounts.delete(id))
    const write = Effect.fnUntraced(function* (mails: ReadonlyArray<MailRequest>, sms: ReadonlyArray<SmsRequest>) {
      const [mailQueue, smsQueue] = [yield* MailQueue, yield* SmsQueue]
      yield* Effect.forEach(mails, mailQueue.enqueue)
      yield* Effect.forEach(sms, smsQueue.enqueue)
    })
    const writeAll = (account: Account) => write([...links(account), ...notices(account)], texts(account))
    const buryAll = Effect.andThen(bury("mail"), bury("sms"))
    const dead = Effect.map(
      Outbox.use((outbox) => outbox.listDead(100)),
      requests
    )
    const pending = Effect.map(Effect.all([arrivals("mail"), arrivals("sms")]), (found) => requests(found.flat()))

    it.effect("takes along what was given up, wherever it was to go", () =>
      Effect.gen(function* () {
        yield* emptyOutbox
        const [account, other] = [yield* person, yield* person]
        yield* Effect.andThen(writeAll(account), writeAll(other))
        yield* buryAll
        yield* remove(account.id)
        assert.sameDeepMembers([...(yield* dead)], [...links(other), ...notices(other), ...texts(other)])
        yield* remove(other.id)
        assert.deepStrictEqual(yield* dead, [])
      })
    )

    it.effect("takes along links that are still to be sent, and no notice of a change", () =>
      Effect.gen(function* () {
        yield* emptyOutbox
        const [account, other] = [yield* person, yield* person]
        yield* Effect.andThen(writeAll(account), write(links(other), []))
        yield* remove(account.id)
        assert.sameDeepMembers(yield* pending, [...notices(account), ...texts(account), ...links(other)])
      })
    )

    it.effect("leaves everything alone where the deletion is undone", () =>
      Effect.gen(function* () {
        yield* emptyOutbox
        const { atomic } = yield* Transaction
        const account = yield* person
        yield* Effect.andThen(writeAll(account), buryAll)
        yield* Effect.exit(atomic(Effect.andThen(remove(account.id), Effect.fail("undone"))))
        assert.lengthOf(yield* dead, links(account).length + notices(account).length + texts(account).length)
      })
    )

    it.effect("waits for nobody who sends letters, or sends them again, meanwhile", () =>
      Effect.gen(function* () {
        yield* emptyOutbox
        const outbox = yield* Outbox
        for (let round = 0; round < 10; round++) {
          const account = yield* person
          yield* Effect.andThen(writeAll(account), buryAll)
          const claim = outbox.claim({ destination: "mail", holder: "one", limit: 10, lease: Duration.seconds(1) })
          const complete = Effect.flatMap(claim, (all) =>
            outbox.complete(
              "one",
              all.map(({ id }) => id)
            )
          )
          const work = [outbox.redeliver("all"), complete, remove(account.id), complete, outbox.redeliver("all")]
          const done = yield* Effect.all(work.map(Effect.result), { concurrency: "unbounded" })
          assert.isTrue(done.every(Result.isSuccess))
        }
      })
    )
  })
