import { DateTime, Duration, Effect, Option } from "effect"
import { AccountRepository } from "../../src/domain/accounts/AccountRepository.ts"
import { AccountId, PasswordHash, Username } from "../../src/domain/accounts/Account.ts"
import type { ContactFields } from "../../src/domain/contacts/Contact.ts"
import { ContactRepository } from "../../src/domain/contacts/ContactRepository.ts"
import { Destination, Outbox, type OutboxEntry } from "../../src/domain/events/Outbox.ts"
import { BlobKey, ContentType } from "../../src/domain/shared/BlobStore.ts"
import { PhoneDigits } from "../../src/domain/shared/PhoneNumber.ts"
import { Transaction } from "../../src/domain/shared/Transaction.ts"
import { FriendshipRepository } from "../../src/domain/talk/FriendshipRepository.ts"
import { MediaRepository, type NewMedia } from "../../src/domain/talk/MediaRepository.ts"

export const someUsername = () => Username.make(`someone-${crypto.randomUUID()}`)

/** A number that nobody has. */
export const somePhone = () =>
  PhoneDigits.make(`49${crypto.getRandomValues(new BigUint64Array(1)).join("").padStart(13, "0").slice(-13)}`)

/** An account of its own for each test, since the tests of a suite share a database. */
export const someAccount = Effect.gen(function* () {
  const accounts = yield* AccountRepository
  const account = { username: someUsername(), email: null, firstName: null, lastName: null }
  return yield* accounts.insert({ ...account, passwordHash: PasswordHash.make("$none$") }, yield* DateTime.now)
})

/** An account with a phone number alone. */
export const somePerson = Effect.gen(function* () {
  const [accounts, phoneNumber] = [yield* AccountRepository, somePhone()]
  const { id } = yield* Effect.orDie(accounts.insertWithPhone(phoneNumber, yield* DateTime.now))
  return { id, phoneNumber }
})

/** Two who can write to each other. */
export const someFriends = Effect.gen(function* () {
  const [friendships, { atomic }] = [yield* FriendshipRepository, yield* Transaction]
  const [one, other] = [yield* somePerson, yield* somePerson]
  const side = { stance: "asked", touched: true } as const
  const now = DateTime.makeUnsafe("2026-03-01T12:00:00.123Z")
  yield* friendships
    .lockPair(one.id, other.id)
    .pipe(
      Effect.andThen(friendships.savePair(one.id, other.id, { mine: side, theirs: side }, now)),
      atomic,
      Effect.orDie
    )
  return [one, other] as const
})

/** A clip of which only the row is there. */
export const someMedia = Effect.fnUntraced(function* (
  uploader: AccountId,
  now: DateTime.Utc,
  more: Partial<NewMedia> = {}
) {
  const media = yield* MediaRepository
  const blobKey = BlobKey.make(`media/${crypto.randomUUID()}`)
  const contentType = ContentType.make("audio/ogg")
  return yield* media.insert({ uploader, kind: "audio", contentType, blobKey, size: 5, duration: null, ...more }, now)
})

/** Nobody ever gets this far. */
export const unknownAccount = AccountId.make(2 ** 40)

export const ada: ContactFields = {
  firstName: "Ada",
  lastName: null,
  email: null,
  phone: null,
  company: null,
  title: null,
  birthday: null,
  notes: null
}

/** An account that has one contact. */
export const someContact = Effect.gen(function* () {
  const contacts = yield* ContactRepository
  const { id: owner } = yield* someAccount
  return { owner, contact: yield* contacts.insert(owner, ada) }
})

/** Takes what is due for the destination out of the outbox, until nothing is. */
export const arrivals = Effect.fnUntraced(function* (destination: Destination) {
  const outbox = yield* Outbox
  const holder = crypto.randomUUID()
  const all: Array<OutboxEntry> = []
  while (true) {
    const entries = yield* outbox.claim({ destination, holder, limit: 1000, lease: Duration.seconds(1) })
    if (entries.length === 0) return all
    all.push(...entries)
    const ids = entries.map((entry) => entry.id)
    yield* outbox.complete(holder, ids)
  }
})

/** Makes a dead letter of all that is due for the destination. */
export const bury = Effect.fnUntraced(function* (destination: Destination) {
  const outbox = yield* Outbox
  const holder = crypto.randomUUID()
  while (true) {
    const entries = yield* outbox.claim({ destination, holder, limit: 1000, lease: Duration.seconds(1) })
    if (entries.length === 0) return
    for (const { id } of entries) yield* outbox.bury(holder, id, "no")
  }
})

/** Leaves nothing of earlier tests in the outbox, and waits for the leases that they held. */
export const emptyOutbox = Effect.gen(function* () {
  const outbox = yield* Outbox
  yield* outbox.redeliver("all")
  for (const destination of Destination.literals) {
    while (true) {
      yield* arrivals(destination)
      const wait = yield* outbox.untilDue(destination)
      if (Option.isNone(wait)) break
      yield* Effect.sleep(wait.value)
    }
  }
})
