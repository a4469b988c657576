import { assert, describe } from "@effect/vitest"
import { Context, Effect, Fiber, Layer, Option, Redacted } from "effect"
import { fastHash } from "../../../src/adapters/memory/PasswordHasherMemory.ts"
import { Profile } from "../../../src/application/accounts/Profile.ts"
import { Sessions } from "../../../src/application/accounts/Sessions.ts"
import { InvalidCredentials, SignIn } from "../../../src/application/accounts/SignIn.ts"
import { AddressBook } from "../../../src/application/contacts/AddressBook.ts"
import { Notebook } from "../../../src/application/contacts/Notebook.ts"
import { Account, type AccountId, AccountNotFound, AvatarId, EmailTaken } from "../../../src/domain/accounts/Account.ts"
import { AccountRepository } from "../../../src/domain/accounts/AccountRepository.ts"
import type { Session } from "../../../src/domain/accounts/Session.ts"
import { NoteBody } from "../../../src/domain/contacts/Note.ts"
import { OutboxSignal } from "../../../src/domain/events/OutboxSignal.ts"
import { EmailAddress } from "../../../src/domain/shared/EmailAddress.ts"
import { RateLimits } from "../../../src/domain/shared/RateLimits.ts"
import { MemoryPorts } from "../../../src/RookeryMemory.ts"
import { ada as contactFields, arrivals, unknownAccount } from "../../contracts/Fixtures.ts"
import { advance, test, testOn } from "../RookeryTest.ts"
import {
  account,
  ada,
  adasEmail,
  bobsEmail,
  InterruptedHasher,
  lifetimes,
  lives,
  mails,
  Meanwhile,
  password,
  register,
  right,
  shouted,
  signIn,
  someAccount,
  verificationLink,
  verified,
  verify
} from "./AccountWorld.ts"

const next = EmailAddress.make("next@example.com")
const another = password("battery staple")
const wrong = password("wrong horse")

const changeEmail = (id: AccountId, email: EmailAddress) => Profile.use((profile) => profile.changeEmail(id, email))
const changePassword = (session: Session, current: Redacted.Redacted<string> = right) =>
  Profile.use((profile) => profile.changePassword(session, { current, next: another }))
const remove = (id: AccountId, shown: Redacted.Redacted<string> | undefined = right) =>
  Profile.use((profile) => profile.remove(id, shown))
const mailsLeft = (key: string) =>
  RateLimits.use((limits) => limits.consume("mails", key)).pipe(Effect.map((allowance) => allowance?.remaining))

/** Profile in which something else happens, just after the password was looked at. */
const testMeanwhile = testOn(
  Layer.merge(Profile.layer, SignIn.layer({ emailVerification: "required" })).pipe(
    Layer.provideMerge(InterruptedHasher),
    Layer.provideMerge(Sessions.layer(lifetimes)),
    Layer.provideMerge(MemoryPorts)
  )
)

describe("Profile, its address", () => {
  test(
    "is pending until it is verified, and gets the link",
    Effect.gen(function* () {
      const before = yield* verified({ email: adasEmail })
      const changed = yield* changeEmail(before.id, next)
      assert.deepStrictEqual(changed, new Account({ ...before, pendingEmail: next }))
      assert.deepStrictEqual(yield* Profile.use((profile) => profile.get(before.id)), changed)
      assert.deepStrictEqual(yield* mails, [{ _tag: "Verification", accountId: before.id, to: next }])
      yield* changeEmail(before.id, bobsEmail)
      assert.strictEqual((yield* account(before)).pendingEmail, bobsEmail)
    })
  )

  test(
    "is spelt anew where it is the account's, which lets go of what was pending",
    Effect.gen(function* () {
      const before = yield* verified({ email: adasEmail })
      yield* changeEmail(before.id, next)
      yield* mails
      const changed = yield* changeEmail(before.id, shouted(adasEmail))
      assert.deepStrictEqual(changed, new Account({ ...before, email: shouted(adasEmail) }))
      assert.deepStrictEqual(yield* mails, [])
      assert.strictEqual(yield* mailsLeft("ada@example.com"), 1, "one was counted at the registration, and none since")
    })
  )

  test(
    "is refused where another account has it, and then no mail is counted",
    Effect.gen(function* () {
      const before = yield* verified({ email: adasEmail })
      yield* verified({ email: next })
      yield* register({ email: bobsEmail })
      yield* mails
      for (const email of [shouted(next), bobsEmail]) {
        assert.deepStrictEqual(yield* Effect.flip(changeEmail(before.id, email)), new EmailTaken({ email }))
      }
      assert.deepStrictEqual(yield* account(before), before)
      assert.deepStrictEqual(yield* mails, [])
      assert.strictEqual(yield* mailsLeft("next@example.com"), 1)
    })
  )

  testOn(Profile.layer.pipe(Layer.provideMerge(Sessions.layer(lifetimes)), Layer.provideMerge(MemoryPorts)))(
    "may be one that somebody claimed a day ago, who keeps it until it is verified",
    Effect.gen(function* () {
      const claimed = yield* someAccount(next)
      yield* advance("24 hours")
      const { id } = yield* someAccount(adasEmail)
      assert.strictEqual((yield* Effect.flip(changeEmail(id, next)))._tag, "EmailTaken")
      yield* advance("1 millis")
      assert.strictEqual((yield* changeEmail(id, next)).pendingEmail, next)
      assert.deepStrictEqual(yield* account(claimed), claimed)
    })
  )

  test(
    "gets three mails an hour, whoever asks for them",
    Effect.gen(function* () {
      const [one, other] = [yield* verified({ email: adasEmail }), yield* verified({ email: bobsEmail })]
      yield* changeEmail(one.id, next)
      yield* changeEmail(one.id, shouted(next))
      yield* changeEmail(other.id, next)
      yield* mails
      const error = yield* Effect.flip(changeEmail(other.id, shouted(next)))
      assert.strictEqual(error._tag, "RateLimitExceeded")
      assert.strictEqual((yield* account(other)).pendingEmail, next)
      assert.deepStrictEqual(yield* mails, [])
    })
  )

  test(
    "is nobody's where there is no account",
    Effect.gen(function* () {
      const error = yield* Effect.flip(changeEmail(unknownAccount, next))
      assert.deepStrictEqual(error, new AccountNotFound({ id: unknownAccount }))
      assert.deepStrictEqual(yield* mails, [])
    })
  )
})

describe("Profile, its password", () => {
  test(
    "is replaced by who knows it, whose other sessions end, and the address is told",
    Effect.gen(function* () {
      const { id } = yield* verified({ username: ada, email: adasEmail })
      const [here, there] = [yield* signIn("ada"), yield* signIn("ada")]
      const bobs = yield* verified({ email: bobsEmail })
      const bobsSession = yield* signIn(bobsEmail)
      for (const { accessToken } of [here, there, bobsSession]) assert.isTrue(yield* lives(accessToken))
      yield* changePassword(here.session)
      assert.isTrue(yield* lives(here.accessToken))
      assert.isFalse(yield* lives(there.accessToken))
      assert.isTrue(yield* lives(bobsSession.accessToken))
      assert.strictEqual((yield* signIn("ada", { password: another })).session.accountId, id)
      assert.deepStrictEqual(yield* Effect.flip(signIn("ada")), new InvalidCredentials())
      assert.strictEqual((yield* signIn(bobsEmail)).session.accountId, bobs.id)
      const sent = yield* mails
      assert.deepStrictEqual(
        sent.map((mail) => ({ ...mail, at: undefined })),
        [{ _tag: "PasswordChanged", to: adasEmail, at: undefined, accountId: id }]
      )
    })
  )

  test(
    "stays where somebody does not know it",
    Effect.gen(function* () {
      yield* verified({ username: ada, email: adasEmail })
      const [here, there] = [yield* signIn("ada"), yield* signIn("ada")]
      const error = yield* Effect.flip(changePassword(here.session, wrong))
      assert.deepStrictEqual(error, new InvalidCredentials())
      for (const { accessToken } of [here, there]) assert.isTrue(yield* lives(accessToken))
      yield* signIn("ada")
      assert.deepStrictEqual(yield* mails, [])
    })
  )

  test(
    "lets go of an address that was pending: a thief may have asked for it",
    Effect.gen(function* () {
      const { id } = yield* verified({ email: adasEmail })
      yield* changeEmail(id, next)
      const token = yield* verificationLink(id, next)
      yield* changePassword((yield* signIn(adasEmail)).session)
      assert.isNull((yield* account({ id })).pendingEmail)
      assert.strictEqual((yield* Effect.flip(verify(token)))._tag, "InvalidLink")
    })
  )

  test(
    "is told to nobody where there is no address",
    Effect.gen(function* () {
      yield* register({ username: ada })
      yield* changePassword((yield* signIn("ada")).session)
      yield* signIn("ada", { password: another })
      assert.deepStrictEqual(yield* mails, [])
    })
  )

  testMeanwhile(
    "is replaced also where a sign-in hashes it anew meanwhile",
    Effect.gen(function* () {
      const [accounts, meanwhile] = [yield* AccountRepository, yield* Meanwhile]
      const { id } = yield* someAccount(adasEmail)
      const { session } = yield* signIn(adasEmail)
      const { passwordHash } = Option.getOrThrow(yield* accounts.findCredentialsById(id))
      meanwhile.happens = Effect.asVoid(accounts.savePasswordHash(id, fastHash(Redacted.value(right)), passwordHash))
      yield* changePassword(session)
      yield* signIn(adasEmail, { password: another })
    })
  )

  testMeanwhile(
    "stays, and no session ends, where it is replaced meanwhile",
    Effect.gen(function* () {
      const [accounts, meanwhile] = [yield* AccountRepository, yield* Meanwhile]
      const { id } = yield* someAccount(adasEmail)
      const [here, there] = [yield* signIn(adasEmail), yield* signIn(adasEmail)]
      const { passwordHash } = Option.getOrThrow(yield* accounts.findCredentialsById(id))
      meanwhile.happens = Effect.asVoid(accounts.savePasswordHash(id, fastHash("a third one"), passwordHash))
      assert.deepStrictEqual(yield* Effect.flip(changePassword(here.session)), new InvalidCredentials())
      assert.isTrue(yield* lives(there.accessToken))
      yield* signIn(adasEmail, { password: password("a third one") })
      assert.deepStrictEqual(yield* mails, [])
    })
  )
})

describe("Profile, its end", () => {
  test(
    "takes along all that is its own, and tells of each note",
    Effect.gen(function* () {
      const [accounts, book, notebook] = [yield* AccountRepository, yield* AddressBook, yield* Notebook]
      const { id } = yield* verified({ username: ada, email: adasEmail })
      const { accessToken } = yield* signIn("ada")
      const contact = yield* book.add(id, contactFields)
      const note = yield* notebook.add(id, contact.id, NoteBody.make("Hello"))
      yield* arrivals("broker")
      const woken = yield* Effect.forkChild(yield* OutboxSignal.use(({ subscribe }) => subscribe))
      yield* remove(id)
      yield* Fiber.join(woken)
      assert.deepStrictEqual(
        (yield* arrivals("broker")).map(({ subject, type }) => ({ subject, type })),
        [{ type: "rookery.notes.deleted", subject: `contacts/${contact.id}/notes/${note.id}` }]
      )
      assert.isFalse(yield* lives(accessToken))
      assert.isTrue(Option.isNone(yield* accounts.findByEmail(adasEmail)))
      assert.strictEqual((yield* Effect.flip(book.get(id, contact.id)))._tag, "ContactNotFound")
      assert.deepStrictEqual(yield* Effect.flip(signIn("ada")), new InvalidCredentials())
      assert.deepStrictEqual(yield* Effect.flip(remove(id)), new AccountNotFound({ id }))
      yield* register({ username: ada, email: adasEmail })
    })
  )

  test(
    "is for who knows the password",
    Effect.gen(function* () {
      const { id } = yield* verified({ username: ada, email: adasEmail })
      const { accessToken } = yield* signIn("ada")
      for (const shown of [wrong, Redacted.make("")]) {
        assert.deepStrictEqual(yield* Effect.flip(remove(id, shown)), new InvalidCredentials())
      }
      const unasked = Profile.use((profile) => profile.remove(id, undefined))
      assert.deepStrictEqual(yield* Effect.flip(unasked), new InvalidCredentials())
      assert.isTrue(yield* lives(accessToken))
    })
  )

  test(
    "is heard of by every instance",
    Effect.gen(function* () {
      const there = Context.get(yield* Layer.build(Layer.fresh(Sessions.layer(lifetimes))), Sessions)
      const { id } = yield* verified({ username: ada, email: adasEmail })
      const { accessToken } = yield* signIn("ada")
      const token = Redacted.value(accessToken)
      yield* there.authenticate(token)
      yield* remove(id)
      yield* advance()
      assert.strictEqual((yield* Effect.flip(there.authenticate(token)))._tag, "InvalidToken")
    })
  )

  test(
    "has its avatar removed at once",
    Effect.gen(function* () {
      const accounts = yield* AccountRepository
      const before = yield* verified({ username: ada, email: adasEmail })
      const avatarId = AvatarId.make("0123456789abcdef0123456789abcdef")
      yield* accounts.save(new Account({ ...before, avatarId }), before.createdAt)
      yield* remove(before.id)
      assert.deepStrictEqual(
        (yield* arrivals("blobs")).map(({ subject }) => subject),
        [`blobs/avatars/${avatarId}`]
      )
    })
  )

  test(
    "comes once, however many ask at once",
    Effect.gen(function* () {
      const { id } = yield* verified({ username: ada, email: adasEmail })
      const attempts = Array.from({ length: 4 }, () => Effect.result(remove(id)))
      const results = yield* Effect.all(attempts, { concurrency: "unbounded" })
      const tags = results.map((result) => (result._tag === "Success" ? "Gone" : result.failure._tag))
      assert.deepStrictEqual(tags.toSorted(), ["AccountNotFound", "AccountNotFound", "AccountNotFound", "Gone"])
    })
  )

  testMeanwhile(
    "does not come where the password is replaced meanwhile",
    Effect.gen(function* () {
      const [accounts, meanwhile] = [yield* AccountRepository, yield* Meanwhile]
      const before = yield* someAccount(adasEmail)
      const { accessToken } = yield* signIn(adasEmail)
      const { passwordHash } = Option.getOrThrow(yield* accounts.findCredentialsById(before.id))
      meanwhile.happens = Effect.asVoid(accounts.savePasswordHash(before.id, fastHash("a third one"), passwordHash))
      assert.deepStrictEqual(yield* Effect.flip(remove(before.id)), new InvalidCredentials())
      assert.deepStrictEqual(yield* account(before), before)
      assert.isTrue(yield* lives(accessToken))
    })
  )
})
