import type { AccountId } from "../../domain/accounts/Account.ts"
import type { Birthday } from "../../domain/contacts/Birthday.ts"
import type { UpcomingBirthday } from "../../domain/contacts/UpcomingBirthday.ts"

type People = ReadonlyArray<UpcomingBirthday>

interface Kept {
  readonly people: People
  readonly expiresAt: number
}

/** An entry counts as so many people, beside those in it: a few hundred bytes go for a list without any. */
const entryWeight = 10

const weightOf = ({ people }: Kept): number => entryWeight + people.length

/**
 * What was found, by account and day. Where there are more people in it than its capacity, the accounts go that were not
 * asked for the longest. Times are in milliseconds.
 */
export class KeptBirthdays {
  /** The one that was used last comes last. */
  readonly #accounts = new Map<AccountId, Map<Birthday, Kept>>()
  readonly #capacity: number
  #weight = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** Of accounts that something is kept of. */
  get size(): number {
    return this.#accounts.size
  }

  get(owner: AccountId, day: Birthday, now: number): People | undefined {
    const days = this.#accounts.get(owner)
    const kept = days?.get(day)
    if (days === undefined || kept === undefined || kept.expiresAt <= now) return undefined
    this.#accounts.delete(owner)
    this.#accounts.set(owner, days)
    return kept.people
  }

  set(owner: AccountId, day: Birthday, people: People, expiresAt: number, now: number): void {
    const days = new Map(this.#accounts.get(owner))
    this.delete(owner)
    days.set(day, { people, expiresAt })
    for (const [other, kept] of days) if (kept.expiresAt <= now) days.delete(other)
    this.#accounts.set(owner, days)
    this.#weight += sum(days)
    // Two that are over go with each that comes: it shrinks again without a timer.
    let looked = 0
    for (const [eldest, kept] of this.#accounts) {
      const isOver = ++looked <= 2 && kept.values().every(({ expiresAt }) => expiresAt <= now)
      if (this.#weight <= this.#capacity && !isOver) break
      this.delete(eldest)
    }
  }

  delete(owner: AccountId): void {
    const days = this.#accounts.get(owner)
    if (days === undefined) return
    this.#weight -= sum(days)
    this.#accounts.delete(owner)
  }
}

const sum = (days: ReadonlyMap<Birthday, Kept>): number =>
  days.values().reduce((total, kept) => total + weightOf(kept), 0)
