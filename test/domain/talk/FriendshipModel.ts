import type { FriendStatus } from "../../../src/domain/talk/Friendship.ts"

export type Outcome = "done" | "AlreadyAsked" | "FriendNotFound"

/** Who does something to whom: `1>2`. */
const to = (one: number, other: number) => `${one}>${other}`
const between = (one: number, other: number) => [one, other].toSorted().join("-")

/**
 * The rules of friendship once more, in other words: who waits for an answer, who wants to hear of no request, and who of
 * two that were friends has ended it. No stance is in it, and nothing of the domain.
 */
export class FriendshipModel {
  readonly #waiting: Set<string>
  readonly #refusing: Set<string>
  /** Of two who have become friends at any time. */
  readonly #endedBy: Map<string, ReadonlySet<number>>

  constructor(other?: FriendshipModel) {
    this.#waiting = new Set(other === undefined ? [] : other.#waiting)
    this.#refusing = new Set(other === undefined ? [] : other.#refusing)
    this.#endedBy = new Map(other === undefined ? [] : other.#endedBy)
  }

  /** The same for all that has come to the same. */
  get key(): string {
    const ended = [...this.#endedBy].map(([pair, people]) => `${pair}:${[...people].toSorted().join("")}`)
    return JSON.stringify([[...this.#waiting].toSorted(), [...this.#refusing].toSorted(), ended.toSorted()])
  }

  sees(me: number, other: number): FriendStatus | undefined {
    const endedBy = this.#endedBy.get(between(me, other))
    if (endedBy !== undefined) return endedBy.has(me) ? "deleted" : endedBy.has(other) ? "blocked" : "accepted"
    if (this.#waiting.has(to(me, other))) return "requesting"
    if (!this.#waiting.has(to(other, me))) return undefined
    return this.#refusing.has(to(me, other)) ? "deleted" : "requested"
  }

  ask(me: number, other: number): Outcome {
    const endedBy = this.#endedBy.get(between(me, other))
    if (endedBy !== undefined) {
      // Who has ended it resumes, as far as it is theirs; to be friends, or blocked, is to have asked.
      if (!endedBy.has(me)) return "AlreadyAsked"
      this.#endedBy.set(between(me, other), new Set([...endedBy].filter((person) => person !== me)))
      return "done"
    }
    if (this.#waiting.has(to(me, other))) return "AlreadyAsked"
    if (this.#waiting.has(to(other, me))) {
      this.#befriend(me, other)
      return "done"
    }
    this.#waiting.add(to(me, other))
    this.#refusing.delete(to(me, other))
    return "done"
  }

  accept(me: number, other: number): Outcome {
    if (!this.#waiting.has(to(other, me)) || this.#refusing.has(to(me, other))) return "FriendNotFound"
    this.#befriend(me, other)
    return "done"
  }

  remove(me: number, other: number): Outcome {
    const endedBy = this.#endedBy.get(between(me, other))
    if (endedBy !== undefined) {
      this.#endedBy.set(between(me, other), new Set([...endedBy, me]))
      return "done"
    }
    if (this.#waiting.delete(to(me, other))) return "done"
    if (!this.#waiting.has(to(other, me))) return "FriendNotFound"
    this.#refusing.add(to(me, other))
    return "done"
  }

  /** Nothing is left of somebody who is gone. */
  leave(me: number): void {
    const concerns = (key: string) => key.includes(`${me}`)
    for (const key of [...this.#waiting].filter(concerns)) this.#waiting.delete(key)
    for (const key of [...this.#refusing].filter(concerns)) this.#refusing.delete(key)
    for (const key of [...this.#endedBy.keys()].filter(concerns)) this.#endedBy.delete(key)
  }

  #befriend(one: number, other: number) {
    for (const key of [to(one, other), to(other, one)]) {
      this.#waiting.delete(key)
      this.#refusing.delete(key)
    }
    this.#endedBy.set(between(one, other), new Set())
  }
}
