import { assert, describe } from "@effect/vitest"
import { DateTime, Duration, Effect, HashMap, Layer, Logger, Option, Result } from "effect"
import { TestClock } from "effect/testing"
import { MailServer } from "../../../src/adapters/memory/MailerMemory.ts"
import { MemoryWorld } from "../../../src/adapters/memory/MemoryWorld.ts"
import { pendingRow } from "../../../src/adapters/memory/World.ts"
import { MailDelivery } from "../../../src/application/accounts/MailDelivery.ts"
import { PasswordReset } from "../../../src/application/accounts/PasswordReset.ts"
import { Registration } from "../../../src/application/accounts/Registration.ts"
import { EmailVerification } from "../../../src/application/accounts/EmailVerification.ts"
import { Account } from "../../../src/domain/accounts/Account.ts"
import { AccountRepository } from "../../../src/domain/accounts/AccountRepository.ts"
import { MailQueue, type MailRequest } from "../../../src/domain/accounts/MailQueue.ts"
import { EventId, Outbox, OutboxEntry } from "../../../src/domain/events/Outbox.ts"
import { OutboxSignal } from "../../../src/domain/events/OutboxSignal.ts"
import { EmailAddress } from "../../../src/domain/shared/EmailAddress.ts"
import { type Mail, MailRejected, MailUnavailable } from "../../../src/domain/shared/Mailer.ts"
import { MemoryInstance, MemoryPorts } from "../../../src/RookeryMemory.ts"
import { advance, testOn } from "../RookeryTest.ts"
import { account, ada, adasEmail, bob, bobsEmail, register, shouted, verified, verify } from "./AccountWorld.ts"

const publicUrl = "https://rookery.example.com"

/** What was logged at warning or above, or told that something is back. */
const told: Array<string> = []
const Told = Logger.layer([Logger.make(({ message }) => void told.push(String(message)))])

const relay = Layer.fresh(MailDelivery({ publicUrl })).pipe(Layer.provide(Told))
// Sessions look around all the time, which a clock that is moved by hours would feel.
const MostUseCases = Layer.merge(Registration.layer, EmailVerification.layer({ emailVerification: "required" }))
const test = testOn(Layer.provideMerge(MostUseCases, MemoryPorts))
const testWithSessions = testOn(Layer.provideMerge(MemoryInstance, MemoryPorts))

const start = Effect.suspend(() => {
  told.length = 0
  return Effect.andThen(Layer.build(relay), advance())
})

const server = <A>(use: (server: MailServer["Service"]) => Effect.Effect<A>) => MailServer.use(use)
const received = server(({ mails }) => mails)
const tries = server(({ tries }) => Effect.map(tries, (all) => all.length))
const answers = (answer: (mail: Mail) => Effect.Effect<void, MailRejected | MailUnavailable>) =>
  server((one) => one.answer(answer))
const unreachable = new MailUnavailable({ reason: "could not be reached: ECONNREFUSED" })
const said = (responseCode: number) => ({ reason: `answered ${responseCode} to RCPT TO`, responseCode })

const ask = Effect.fnUntraced(function* (mail: MailRequest) {
  yield* MailQueue.use((queue) => queue.enqueue(mail))
  yield* OutboxSignal.use((signal) => signal.notify)
  yield* advance()
})

const save = (changed: Account) =>
  AccountRepository.use((accounts) => Effect.flatMap(DateTime.now, (now) => accounts.save(changed, now)))
const waitsFor = (owner: Account, pendingEmail: EmailAddress) => save(new Account({ ...owner, pendingEmail }))

const waiting = Outbox.use(({ depth }) =>
  Effect.map(depth, (all) => all.find(({ destination }) => destination === "mail")?.pending)
)
const deadLetters = Outbox.use((outbox) => outbox.listDead(10))

const tokenOf = (mail: Mail | undefined, path: string) => {
  const link = mail?.text.split("\n").find((line) => line.startsWith(publicUrl + path)) ?? ""
  return decodeURIComponent(link.slice((publicUrl + path).length))
}
const verificationToken = (mail: Mail | undefined) => tokenOf(mail, "/api/v1/auth/verify/")
const resetToken = (mail: Mail | undefined) => tokenOf(mail, "/api/v1/auth/password/reset?token=")

describe("MailDelivery", () => {
  test(
    "sends who registers the link that verifies the address, at once",
    Effect.gen(function* () {
      yield* start
      const { id } = yield* register({ username: ada, email: adasEmail })
      yield* advance()
      const [mail, ...more] = yield* received
      assert.deepStrictEqual(more, [])
      assert.strictEqual(mail?.to, adasEmail)
      assert.strictEqual(mail?.subject, "Confirm your e-mail address")
      yield* verify(verificationToken(mail))
      assert.isNotNull((yield* account({ id })).emailVerifiedAt)
      assert.strictEqual(yield* waiting, 0)
    })
  )

  test(
    "brings a mail late that the mail server could not take for an hour",
    Effect.gen(function* () {
      yield* answers(() => Effect.fail(unreachable))
      yield* start
      yield* register({ username: ada, email: adasEmail })
      yield* register({ username: bob, email: bobsEmail })
      yield* advance("1 hour")
      assert.deepStrictEqual(yield* received, [])
      assert.isAbove(yield* tries, 10)
      yield* answers(() => Effect.void)
      yield* advance("1 hour")
      const mails = yield* received
      assert.sameMembers(
        mails.map(({ to }) => to),
        [adasEmail, bobsEmail]
      )
      for (const mail of mails) yield* verify(verificationToken(mail))
      assert.deepStrictEqual(told, [
        "The mail server is away, trying until it is back: could not be reached: ECONNREFUSED",
        "The mail server is back"
      ])
    })
  )

  test(
    "gives a mail the same Message-ID at each try, and no two mails the same",
    Effect.gen(function* () {
      yield* answers(() => Effect.fail(unreachable))
      yield* start
      yield* register({ username: ada, email: adasEmail })
      yield* advance("30 seconds")
      yield* register({ username: bob, email: bobsEmail })
      yield* advance("30 seconds")
      const all = yield* server(({ tries }) => tries)
      const idsOf = (to: EmailAddress) =>
        new Set(all.filter((mail) => mail.to === to).map(({ messageId }) => messageId))
      assert.isAbove(all.length, 4)
      assert.strictEqual(idsOf(adasEmail).size, 1)
      assert.strictEqual(new Set(all.map(({ messageId }) => messageId)).size, 2)
      assert.match([...idsOf(adasEmail)].join(), /^<[0-9a-f-]{36}@rookery\.example\.com>$/)
    })
  )

  test(
    "tries again what was refused for now, and buries what never will be taken",
    Effect.gen(function* () {
      yield* answers(({ to }) =>
        Effect.fail(to === adasEmail ? new MailUnavailable(said(450)) : new MailRejected(said(550)))
      )
      yield* start
      yield* register({ username: ada, email: adasEmail })
      yield* register({ username: bob, email: bobsEmail })
      yield* advance("10 seconds")
      const [letter, ...more] = yield* deadLetters
      assert.deepStrictEqual(more, [])
      assert.deepInclude(letter, { attempts: 1, lastError: "answered 550 to RCPT TO" })
      yield* answers(() => Effect.void)
      yield* advance("1 minute")
      assert.deepStrictEqual(
        (yield* received).map(({ to }) => to),
        [adasEmail]
      )
      assert.strictEqual(yield* waiting, 0)
      // Neither is a fault of the server's; and what is told of a dead letter names nobody.
      assert.lengthOf(told, 1)
      assert.match(told[0] ?? "", /^Gave up event [0-9a-f-]{36} of mails\/[0-9a-f-]{36}: answered 550 to RCPT TO$/)
    })
  )

  test(
    "tells of a mail server that lets nobody in, and goes on trying",
    Effect.gen(function* () {
      yield* answers(() => Effect.fail(new MailUnavailable({ reason: "answered 535 to AUTH", responseCode: 535 })))
      yield* start
      yield* register({ username: ada, email: adasEmail })
      yield* advance("1 minute")
      assert.deepStrictEqual(told, ["The mail server is away, trying until it is back: answered 535 to AUTH"])
      assert.deepStrictEqual(yield* deadLetters, [])
    })
  )

  test(
    "sends no link to who needs none any more",
    Effect.gen(function* () {
      const verifiedMeanwhile = yield* verified({ username: ada, email: adasEmail })
      yield* ask({ _tag: "Verification", accountId: verifiedMeanwhile.id, to: adasEmail })
      const claimed = EmailAddress.make("claimed@example.com")
      const givenUp = yield* register({ username: bob, email: bobsEmail })
      yield* save(new Account({ ...givenUp, email: claimed }))
      const gone = yield* register({ email: EmailAddress.make("gone@example.com") })
      yield* AccountRepository.use((accounts) => accounts.delete(gone.id))
      yield* start
      assert.strictEqual(yield* tries, 0)
      assert.strictEqual(yield* waiting, 0)
      assert.deepStrictEqual(yield* deadLetters, [])
    })
  )

  test(
    "sends the link of a pending address there, as long as it is the one that is pending",
    Effect.gen(function* () {
      const owner = yield* verified({ username: ada, email: adasEmail })
      yield* waitsFor(owner, bobsEmail)
      yield* start
      yield* ask({ _tag: "Verification", accountId: owner.id, to: EmailAddress.make("earlier@example.com") })
      yield* ask({ _tag: "Verification", accountId: owner.id, to: shouted(bobsEmail) })
      const [mail] = yield* received
      assert.strictEqual(mail?.to, bobsEmail)
      yield* verify(verificationToken(mail))
      assert.strictEqual((yield* account(owner)).email, bobsEmail)
      yield* ask({ _tag: "Verification", accountId: owner.id, to: adasEmail })
      assert.lengthOf(
        (yield* received).filter(({ subject }) => subject === mail?.subject),
        1
      )
    })
  )

  test(
    "sends the link again to nobody who does not wait for it",
    Effect.gen(function* () {
      yield* verified({ username: ada, email: adasEmail })
      yield* waitsFor(yield* verified({ email: EmailAddress.make("other@example.com") }), adasEmail)
      yield* start
      for (const to of [adasEmail, bobsEmail]) yield* ask({ _tag: "VerificationAgain", to })
      assert.strictEqual(yield* tries, 0)
      assert.strictEqual(yield* waiting, 0)
    })
  )

  test(
    "sends the link again to everybody who waits for it, each their own, and no more than an address may get",
    Effect.gen(function* () {
      const others = yield* Effect.forEach([1, 2, 3, 4], (n) =>
        Effect.tap(verified({ email: EmailAddress.make(`other${n}@example.com`) }), (one) => waitsFor(one, bobsEmail))
      )
      yield* register({ username: bob, email: bobsEmail })
      yield* start
      yield* advance("2 hours")
      const before = (yield* received).length
      yield* EmailVerification.use((verification) => verification.resend(shouted(bobsEmail)))
      yield* advance()
      const mails = (yield* received).slice(before)
      assert.deepStrictEqual(
        mails.map(({ to }) => to),
        [bobsEmail, bobsEmail, bobsEmail]
      )
      assert.strictEqual(new Set(mails.map(({ messageId }) => messageId)).size, 3)
      yield* verify(verificationToken(mails[1]))
      const [first] = others
      assert.strictEqual(first === undefined ? "" : (yield* account(first)).email, bobsEmail)
    })
  )

  testWithSessions(
    "sends a link to a new password to an account's address, verified or not, and to no pending one",
    Effect.gen(function* () {
      const { check, request } = yield* PasswordReset
      const owner = yield* verified({ username: ada, email: adasEmail })
      const pending = EmailAddress.make("pending@example.com")
      yield* waitsFor(owner, pending)
      yield* register({ username: bob, email: bobsEmail })
      yield* start
      const before = (yield* received).length
      for (const to of [shouted(adasEmail), bobsEmail, pending, EmailAddress.make("nobody@example.com")]) {
        yield* request(to)
        yield* advance()
      }
      const mails = (yield* received).slice(before)
      assert.deepStrictEqual(
        mails.map(({ subject, to }) => [to, subject]),
        [adasEmail, bobsEmail].map((to) => [to, "Reset your password"])
      )
      for (const mail of mails) yield* check(resetToken(mail))
      assert.isTrue(Result.isFailure(yield* Effect.result(verify(resetToken(mails[0])))))
      assert.strictEqual(yield* waiting, 0)
    })
  )

  test(
    "tells people of changes",
    Effect.gen(function* () {
      yield* start
      const at = DateTime.makeUnsafe("2026-11-20T16:42:10Z")
      yield* ask({ _tag: "AddressChanged", to: adasEmail, at, newAddress: bobsEmail })
      yield* ask({ _tag: "PasswordChanged", to: adasEmail, at })
      yield* ask({ _tag: "PhoneChanged", to: adasEmail, at })
      const mails = yield* received
      assert.deepStrictEqual(
        mails.map(({ subject }) => subject),
        ["Your e-mail address was changed", "Your password was changed", "Your phone number was changed"]
      )
      for (const { text, to } of mails) {
        assert.strictEqual(to, adasEmail)
        assert.include(text, "20 November 2026 at 16:42 UTC")
      }
    })
  )

  test(
    "keeps what it can't read or write for another try, and says nothing of what is in it",
    Effect.gen(function* () {
      const world = yield* MemoryWorld
      const eventId = EventId.make("00000000-0000-4000-8000-000000000001")
      yield* world.change((before, occurredAt) => {
        const id = world.nextId("outbox")
        const data = { _tag: "FromTheFuture", to: adasEmail }
        const entry = new OutboxEntry({
          id,
          eventId,
          destination: "mail",
          type: "rookery.mails.from_the_future",
          subject: `mails/${eventId}`,
          data,
          occurredAt,
          attempts: 0
        })
        return Result.succeed([undefined, { ...before, outbox: HashMap.set(before.outbox, id, pendingRow(entry)) }])
      })
      yield* answers(({ to }) => Effect.die(new TypeError(`can't write to ${to}`)))
      yield* start
      yield* register({ username: bob, email: bobsEmail })
      yield* advance("1 second")
      const rows = yield* world.read(({ outbox }) => HashMap.toValues(outbox))
      assert.sameMembers(
        rows.map(({ lastError }) => lastError),
        ["is of no kind that is known", "could not be written: TypeError"]
      )
      assert.deepStrictEqual(told, [])
      yield* answers(() => Effect.void)
      yield* advance(Duration.seconds(20))
      assert.deepStrictEqual(
        (yield* received).map(({ to }) => to),
        [bobsEmail]
      )
      assert.strictEqual(yield* waiting, 1)
    })
  )

  test(
    "sends what was given up once more on demand, with a link that works",
    Effect.gen(function* () {
      yield* answers(() => Effect.fail(new MailRejected(said(550))))
      yield* register({ username: ada, email: adasEmail })
      yield* Effect.scoped(start)
      assert.lengthOf(yield* deadLetters, 1)
      yield* TestClock.adjust("30 hours")
      yield* answers(() => Effect.void)
      assert.strictEqual(yield* Outbox.use((outbox) => outbox.redeliver("all")), 1)
      yield* start
      const [mail] = yield* received
      yield* verify(verificationToken(mail))
      assert.isTrue(Option.isNone(yield* Outbox.use((outbox) => outbox.untilDue("mail"))))
    })
  )
})
