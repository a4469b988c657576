import type { AccountId } from "../../domain/accounts/Account.ts"

/** One change, told apart from every other of the same account. */
export interface Change {
  readonly owner: AccountId
  /** When nothing from before it is kept anywhere any more, in milliseconds. */
  readonly settledAt: number
}

/**
 * The changes that Redis may not know of. One of each account is enough, the latest. Where there are more accounts than
 * its capacity, it takes every account for changed, until that is settled.
 */
export class UntoldChanges {
  readonly #latest = new Map<AccountId, Change>()
  readonly #capacity: number
  readonly #lifetime: number
  #everybodySettledAt = 0

  /** Nothing is kept longer than its lifetime, in milliseconds. */
  constructor(capacity: number, lifetime: number) {
    this.#capacity = capacity
    this.#lifetime = lifetime
  }

  add(owner: AccountId, now: number): Change {
    const change = { owner, settledAt: now + this.#lifetime }
    if (this.#latest.size < this.#capacity || this.#latest.has(owner)) this.#latest.set(owner, change)
    else this.#everybodySettledAt = change.settledAt
    return change
  }

  has(owner: AccountId, now: number): boolean {
    return now < this.#everybodySettledAt || this.#latest.has(owner)
  }

  /** Redis has been told of it. Of a later one of the same account it may know nothing. */
  told(change: Change): void {
    if (this.#latest.get(change.owner) === change) this.#latest.delete(change.owner)
  }

  /** At most so many of those that are not settled. */
  take(count: number, now: number): ReadonlyArray<Change> {
    for (const change of this.#latest.values()) if (change.settledAt <= now) this.#latest.delete(change.owner)
    return [...this.#latest.values().take(count)]
  }
}
