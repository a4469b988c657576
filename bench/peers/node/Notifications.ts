import type { WebSocket } from "ws"
import { Rooms } from "./Rooms.ts"
import type { Database } from "./Database.ts"

/** Where the log of an account is, after a change that it tells of; null where none is kept. */
export interface LogEntry {
  readonly newest_id: number | null
  readonly newest_at: Date | null
}

/** The event as clients get it. */
export const liveEvent = (event: string, members: object, { newest_at, newest_id }: LogEntry) => ({
  event,
  ...members,
  timestamp: newest_at,
  id: newest_id
})

/** Who is connected, and how they come in. */
export const makeNotifications = (database: Database) => {
  const findTalker = database.prepared<{ phone_number: string | null; newest_id: number }>("talk-connected")
  const beginAddressBook = database.prepared<{ newest_id: number }>("address-book-connected")
  const talk = new Rooms()
  const addressBook = new Rooms()

  const welcome = (room: Rooms, account: number, socket: WebSocket, id: number) => {
    room.join(account, socket)
    socket.send(JSON.stringify({ event: "connected", timestamp: new Date().toISOString(), id }))
  }

  /** What lets an account in on each topic, before the handshake is answered; undefined where it may not come. */
  const joining = {
    talk: async (account: number) => {
      const [row] = await findTalker(account)
      if (row === undefined || row.phone_number === null) return undefined
      return (socket: WebSocket) => welcome(talk, account, socket, row.newest_id)
    },
    addressBook: async (account: number) => {
      const [row] = await beginAddressBook(account)
      return row === undefined ? undefined : (socket: WebSocket) => welcome(addressBook, account, socket, row.newest_id)
    }
  }

  return { talk, addressBook, joining }
}

export type Notifications = ReturnType<typeof makeNotifications>
