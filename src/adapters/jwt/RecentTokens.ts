import type { TokenClaims } from "../../domain/accounts/Tokens.ts"

/** Tokens whose signature was checked, the least recently used forgotten first. Whether one has expired is not known here. */
export class RecentTokens {
  readonly #claims = new Map<string, TokenClaims>()
  readonly #capacity: number

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get(token: string): TokenClaims | undefined {
    const claims = this.#claims.get(token)
    if (claims === undefined) return undefined
    // A Map keeps the order of insertion: used again, it becomes the youngest.
    this.#claims.delete(token)
    this.#claims.set(token, claims)
    return claims
  }

  add(token: string, claims: TokenClaims): void {
    if (this.#claims.size >= this.#capacity) {
      for (const eldest of this.#claims.keys()) {
        this.#claims.delete(eldest)
        break
      }
    }
    this.#claims.set(token, claims)
  }

  delete(token: string): void {
    this.#claims.delete(token)
  }
}
