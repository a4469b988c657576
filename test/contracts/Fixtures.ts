import { DateTime, Duration, Effect, Option } from "effect"
import { AccountRepository } from "../../src/domain/accounts/AccountRepository.ts"
import { AccountId, PasswordHash, Username } from "../../src/domain/accounts/Account.ts"
import type { ContactFields } from "../../src/domain/contacts/Contact.ts"
import { ContactRepository } from "../../src/domain/contacts/ContactRepository.ts"
import { type Destination, Outbox, type OutboxEntry } from "../../src/domain/events/Outbox.ts"

export const someUsername = () => Username.make(`someone-${crypto.randomUUID()}`)

/** An account of its own for each test, since the tests of a suite share a database. */
export const someAccount = Effect.gen(function* () {
  const accounts = yield* AccountRepository
  const account = { username: someUsername(), email: null, firstName: null, lastName: null }
  return yield* accounts.insert({ ...account, passwordHash: PasswordHash.make("$none$") }, yield* DateTime.now)
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

/** Leaves nothing of earlier tests in the outbox, and waits for the leases that they held. */
export const emptyOutbox = Effect.gen(function* () {
  const outbox = yield* Outbox
  yield* outbox.redeliver("all")
  for (const destination of ["broker", "upstream"] as const) {
    while (true) {
      yield* arrivals(destination)
      const wait = yield* outbox.untilDue(destination)
      if (Option.isNone(wait)) break
      yield* Effect.sleep(wait.value)
    }
  }
})
