/**
 * What is kept until its time is over, for so many keys at most: an attacker with many addresses finds the end of the
 * map, not of the memory. What was set longest ago is dropped first.
 */
export class ExpiringMap<A extends { readonly expiresAt: number }> {
  readonly #entries = new Map<string, A>()
  readonly #capacity: number

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: string, now: number): A | undefined {
    const entry = this.#entries.get(key)
    return entry !== undefined && entry.expiresAt > now ? entry : undefined
  }

  /** Two others go with each that comes, where their time is over: the map shrinks again without a timer. */
  set(key: string, entry: A, now: number): void {
    // Deleted first, so that it becomes the youngest: a Map keeps the order of insertion.
    this.#entries.delete(key)
    let looked = 0
    for (const [eldest, { expiresAt }] of this.#entries) {
      if (expiresAt > now && this.#entries.size < this.#capacity) break
      this.#entries.delete(eldest)
      if (++looked === 2) break
    }
    this.#entries.set(key, entry)
  }
}
