import type { DateTime } from "effect"
import type { SessionId } from "../../domain/accounts/Session.ts"
import type { LastUse } from "../../domain/accounts/SessionRepository.ts"

/** When sessions were used last, kept until somebody writes it down: what is over `capacity` is not noted. */
export class LastUses {
  readonly #uses = new Map<SessionId, DateTime.Utc>()
  readonly #capacity: number

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  note(id: SessionId, at: DateTime.Utc): void {
    if (this.#uses.size < this.#capacity || this.#uses.has(id)) this.#uses.set(id, at)
  }

  get(id: SessionId): DateTime.Utc | undefined {
    return this.#uses.get(id)
  }

  get unwritten(): ReadonlyArray<LastUse> {
    return Array.from(this.#uses, ([id, at]) => ({ id, at }))
  }

  /** What has been noted since then stays. */
  written(uses: ReadonlyArray<LastUse>): void {
    for (const { at, id } of uses) {
      if (this.#uses.get(id) === at) this.#uses.delete(id)
    }
  }
}
