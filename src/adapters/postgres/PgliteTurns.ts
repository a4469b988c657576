import type { PgliteSession } from "./PgliteSession.ts"
import { closeStatement, query, sync } from "./PostgresWire.ts"

/** Ends what a lost session left in the backend, a half-read batch and an aborted transaction included. */
const rollback = Buffer.concat([query("ROLLBACK"), sync, query("ROLLBACK")])

export interface Turn {
  /** Undefined for what a lost session left to be undone. */
  readonly session: PgliteSession | undefined
  readonly batch: Buffer
}

export interface TurnEnd {
  /** Whether the backend is outside of any transaction now. */
  readonly idle: boolean
  /** Whether the session is still there. */
  readonly present: boolean
}

/** Who has the one backend next. Whoever is inside a transaction keeps it until that ends. */
export class PgliteTurns {
  readonly #idleInTransaction: number
  /** Sessions with work, in the order of their turns. */
  readonly #waiting = new Set<PgliteSession>()
  /** What lost sessions left to be undone, before anybody's turn. */
  readonly #cleanups: Array<Buffer> = []
  /** Who has the backend to itself until its transaction ends. */
  #owner: PgliteSession | undefined
  #ownerTimer: NodeJS.Timeout | undefined

  /** Milliseconds that a session may hold a transaction open without a word before it is cut off. */
  constructor(idleInTransaction: number) {
    this.#idleInTransaction = idleInTransaction
  }

  /** Whether all turns are this session's, since it is inside a transaction. */
  belongTo(session: PgliteSession): boolean {
    return session === this.#owner
  }

  /** The session has something to run. */
  ask(session: PgliteSession): void {
    if (session !== this.#owner) this.#waiting.add(session)
  }

  /** The session is gone: what it left open is undone before anybody's turn. */
  leave(session: PgliteSession): void {
    this.#waiting.delete(session)
    if (session.statements.size > 0) {
      this.#cleanups.push(Buffer.concat([...Array.from(session.statements, closeStatement), sync]))
    }
    if (session === this.#owner) this.#abandon()
  }

  /** What to run now; undefined where nobody has anything, or whose turn it is says nothing. */
  next(): Turn | undefined {
    const turn = this.#owner === undefined ? this.#nextOfAll() : this.#turnOf(this.#owner)
    if (turn !== undefined) clearTimeout(this.#ownerTimer)
    return turn
  }

  /** The session's turn is over. */
  end(session: PgliteSession, { idle, present }: TurnEnd): void {
    if (idle) {
      this.#owner = undefined
      if (session.hasWork) this.#waiting.add(session)
    } else if (present) {
      this.#owner = session
      const late = () => session.destroy(new Error("Idle in a transaction for too long: rolled back"))
      this.#ownerTimer = setTimeout(late, this.#idleInTransaction).unref()
    } else this.#abandon()
  }

  #nextOfAll(): Turn | undefined {
    const cleanup = this.#cleanups.shift()
    if (cleanup !== undefined) return { session: undefined, batch: cleanup }
    for (const session of this.#waiting) {
      this.#waiting.delete(session)
      const next = this.#turnOf(session)
      if (next !== undefined) return next
    }
    return undefined
  }

  #turnOf(session: PgliteSession): Turn | undefined {
    const batch = session.takeBatch()
    return batch === undefined ? undefined : { session, batch }
  }

  #abandon(): void {
    clearTimeout(this.#ownerTimer)
    this.#owner = undefined
    this.#cleanups.unshift(rollback)
  }
}
