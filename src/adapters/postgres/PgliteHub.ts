import type { PGlite } from "@electric-sql/pglite"
import { setImmediate as turn } from "node:timers/promises"
import { PgliteSession, type SessionHost } from "./PgliteSession.ts"
import { PgliteTurns, type Turn } from "./PgliteTurns.ts"
import { BackendMessage, eachMessage, idle, keyData, ready, startup } from "./PostgresWire.ts"

/** How long the hub runs queries before it lets timers and sockets have the event loop, in milliseconds. */
const longestTurn = 8

type Backend = Pick<PGlite, "execProtocolRawStream">

export interface HubOptions {
  /** Milliseconds that a session may hold a transaction open without a word before it is cut off. */
  readonly idleInTransaction: number
}

const defaults: HubOptions = { idleInTransaction: 30_000 }

/** Runs a batch to its end; the answer belongs to the caller. */
const execute = async (db: Backend, batch: Buffer): Promise<Buffer> => {
  const parts: Array<Uint8Array> = []
  // Not `execProtocolRaw`, which keeps every message it ever parsed. The bytes given are a view of the backend's own.
  const onRawData = (bytes: Uint8Array) => void parts.push(bytes.slice())
  await db.execProtocolRawStream(batch, { syncToFs: false, onRawData })
  const only = parts.length === 1 ? parts[0] : undefined
  return only === undefined ? Buffer.concat(parts) : Buffer.from(only.buffer, only.byteOffset, only.length)
}

/**
 * Many sessions over the one backend of an embedded Postgres, without a socket between: each `stream()` is a server's
 * end of a connection, to be spoken to in the wire protocol.
 *
 * Sessions take turns, a batch (up to Sync, Query or Flush) each; one that is inside a transaction keeps the backend
 * until it is idle again, and is rolled back when it goes away or says nothing for too long. What PostgreSQL keeps for
 * a session (SET, temporary tables, session advisory locks) is kept for all of them together; notifications reach every
 * session that listens. A query blocks the event loop while it runs, and can be neither cancelled nor timed out.
 */
export class PgliteHub implements SessionHost {
  readonly #db: Backend
  readonly #greeting: Buffer
  readonly #sessions = new Set<PgliteSession>()
  readonly #turns: PgliteTurns
  #busy = false
  #running: Promise<void> | undefined
  /** When the present turn of the event loop began, as far as the hub had a part in it. */
  #turnSince: number | undefined
  #count = 0
  #dead = false
  #closed: Error | undefined
  readonly #crash = Promise.withResolvers<unknown>()

  private constructor(db: Backend, greeting: Buffer, options: HubOptions) {
    this.#db = db
    this.#greeting = greeting
    this.#turns = new PgliteTurns(options.idleInTransaction)
  }

  /** Takes over `db`, which nobody else may use until `close` has returned. */
  static async open(db: Backend, options: Partial<HubOptions> = {}): Promise<PgliteHub> {
    const welcome = await execute(db, startup())
    const greeting: Array<Buffer> = []
    eachMessage(welcome, (type, start, end) => {
      if (type !== BackendMessage.keyData && type !== BackendMessage.ready) greeting.push(welcome.subarray(start, end))
    })
    return new PgliteHub(db, Buffer.concat(greeting), { ...defaults, ...options })
  }

  /** Opens a session. */
  readonly stream = (): PgliteSession => {
    const session = new PgliteSession(this, ++this.#count)
    if (this.#closed !== undefined) session.destroy(this.#closed)
    else this.#sessions.add(session)
    return session
  }

  /** Resolves with the cause when the backend has died; every session is cut off then. */
  get crashed(): Promise<unknown> {
    return this.#crash.promise
  }

  /** How many sessions there are, and how many have something to run or a transaction open. */
  count(): { readonly open: number; readonly active: number } {
    let active = 0
    for (const session of this.#sessions) if (this.#turns.belongTo(session) || session.hasWork) active++
    return { open: this.#sessions.size, active }
  }

  /** Cuts off every session, rolls back what they left open and lets go of the backend. */
  async close(): Promise<void> {
    this.#shut(new Error("The embedded database is closed"))
    await this.#running
  }

  welcome(session: PgliteSession): Buffer {
    return Buffer.concat([this.#greeting, keyData(session.number), ready])
  }

  work(session: PgliteSession): void {
    this.#turns.ask(session)
    this.#run()
  }

  left(session: PgliteSession): void {
    this.#sessions.delete(session)
    this.#turns.leave(session)
    this.#run()
  }

  #run(): void {
    if (this.#busy || this.#dead) return
    this.#busy = true
    this.#running = this.#takeTurns()
  }

  async #takeTurns(): Promise<void> {
    try {
      // Nothing is awaited between finding no work and being no longer busy, or work would be missed.
      for (let next = this.#turns.next(); next !== undefined; next = this.#turns.next()) {
        await this.#breathe()
        await this.#take(next)
      }
    } catch (cause) {
      this.#dead = true
      this.#shut(new Error("The embedded database has crashed", { cause }))
      this.#crash.resolve(cause)
    } finally {
      this.#busy = false
    }
  }

  /** Lets the event loop turn when queries have had it for long enough. */
  async #breathe(): Promise<void> {
    if (this.#turnSince === undefined) {
      this.#turnSince = performance.now()
      setImmediate(() => {
        this.#turnSince = undefined
      })
    } else if (performance.now() - this.#turnSince > longestTurn) await turn()
  }

  async #take({ session, batch }: Turn): Promise<void> {
    const answer = await execute(this.#db, batch)
    const status = this.#announce(answer, session)
    if (session === undefined) return
    session.answer(answer)
    this.#turns.end(session, { idle: status === idle, present: this.#sessions.has(session) })
  }

  /** Passes on the notifications in an answer; returns the status it ends with, undefined within a batch. */
  #announce(answer: Buffer, session: PgliteSession | undefined): number | undefined {
    let status: number | undefined
    eachMessage(answer, (type, start, end) => {
      status = type === BackendMessage.ready ? answer.readUInt8(start + 5) : undefined
      if (type !== BackendMessage.notification) return
      for (const other of this.#sessions) {
        if (other !== session && other.listening) other.notify(answer.subarray(start, end))
      }
    })
    return status
  }

  #shut(reason: Error): void {
    this.#closed ??= reason
    for (const session of this.#sessions) session.destroy(reason)
  }
}
