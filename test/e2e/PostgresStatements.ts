/** The SQL that passes by on the wire to a PostgreSQL server, from the frontend messages of its protocol, version 3. */
export class PostgresStatements {
  readonly #connections = new Map<number, Connection>()
  #executed: Array<string> = []
  #roundTrips = 0

  /** What the client of that connection sent. */
  readonly observe = (chunk: Buffer, connection: number): void => {
    const known = this.#connections.get(connection) ?? { rest: Buffer.alloc(0), started: false, statements: new Map() }
    this.#connections.set(connection, known)
    let bytes = Buffer.concat([known.rest, chunk])
    for (;;) {
      // Only the messages before the session has begun are without a type.
      const head = known.started ? 1 : 0
      if (bytes.length < head + 4) break
      const end = head + bytes.readInt32BE(head)
      if (bytes.length < end) break
      if (known.started) this.#message(known, bytes.toString("latin1", 0, 1), bytes.subarray(5, end))
      else known.started = bytes.readInt32BE(4) >> 16 === 3
      bytes = bytes.subarray(end)
    }
    known.rest = bytes
  }

  /** What was executed since the last time, and how often the client waited for the server. */
  readonly take = () => {
    const taken = { executed: this.#executed, roundTrips: this.#roundTrips }
    this.#executed = []
    this.#roundTrips = 0
    return taken
  }

  #message(connection: Connection, type: string, body: Buffer) {
    const [first = "", second = ""] = body.toString("utf8").split("\0", 2)
    if (type === "P") connection.statements.set(first, second)
    // A bind names its portal, then its statement; the client executes each portal once.
    if (type === "B") this.#executed.push(connection.statements.get(second) ?? `unknown statement ${second}`)
    if (type === "Q") this.#executed.push(first)
    if (type === "S" || type === "Q" || type === "H") this.#roundTrips += 1
  }
}

interface Connection {
  rest: Buffer
  started: boolean
  readonly statements: Map<string, string>
}
