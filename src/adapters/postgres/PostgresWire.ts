/**
 * The messages of PostgreSQL's wire protocol (version 3.0) that the embedded database's hub speaks itself; all others
 * pass through it unread.
 */

/** `ReadyForQuery`'s status outside of any transaction. */
export const idle = 0x49

export const BackendMessage = { keyData: 0x4b, notification: 0x41, ready: 0x5a } as const

/** The codes that stand where a startup packet has its version. */
export const StartupCode = { cancel: 80877102, ssl: 80877103, gss: 80877104, version3: 196608 } as const

const message = (type: string, body: Buffer): Buffer => {
  const frame = Buffer.allocUnsafe(5 + body.length)
  frame.write(type, 0, "latin1")
  frame.writeInt32BE(4 + body.length, 1)
  body.copy(frame, 5)
  return frame
}

const text = (...values: ReadonlyArray<string>) => Buffer.from(values.map((value) => `${value}\0`).join(""))

export const sync = message("S", Buffer.alloc(0))

export const query = (sql: string): Buffer => message("Q", text(sql))

export const closeStatement = (name: string): Buffer => message("C", text(`S${name}`))

export const startup = (): Buffer => {
  const parameters = text("user", "postgres", "database", "postgres", "")
  const frame = Buffer.alloc(8)
  frame.writeInt32BE(8 + parameters.length, 0)
  frame.writeInt32BE(StartupCode.version3, 4)
  return Buffer.concat([frame, parameters])
}

/** Names a session; there is no secret, since no query can be cancelled. */
export const keyData = (session: number): Buffer => {
  const body = Buffer.alloc(8)
  body.writeInt32BE(session, 0)
  return message("K", body)
}

export const ready = message("Z", Buffer.from([idle]))

export const fatalError = (code: string, reason: string): Buffer =>
  message("E", text("SFATAL", "VFATAL", `C${code}`, `M${reason}`, ""))

/** Calls `visit` for each message in `bytes`, which must be whole messages, with where it begins and ends. */
export const eachMessage = (bytes: Buffer, visit: (type: number, start: number, end: number) => void): void => {
  for (let start = 0; start + 5 <= bytes.length;) {
    const end = start + 1 + bytes.readInt32BE(start + 1)
    visit(bytes.readUInt8(start), start, end)
    start = end
  }
}
