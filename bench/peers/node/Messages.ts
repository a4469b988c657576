import { liveEvent, type LogEntry, type Notifications } from "./Notifications.ts"
import type { Database } from "./Database.ts"

interface MessageRow extends LogEntry {
  readonly sender: string | null
  readonly receiver_id: number | null
  readonly receiver: string | null
  /** How many of the two sides know each other. */
  readonly known: number
  readonly id: number | null
  readonly status: string | null
  readonly created_at: Date | null
}

export type SendRefusal = "no number" | "unknown" | "not friends"

/** What is answered where nothing is sent. */
export const refusals = {
  "no number": [400, "This account has no phone number"],
  unknown: [404, "Recipient not found"],
  "not friends": [403, "Only friends can write to each other"]
} as const satisfies Record<SendRefusal, readonly [status: number, message: string]>

/** Sends texts between friends: one statement for all that a message changes, and another once it was delivered. */
export const makeMessages = (database: Database, { talk }: Notifications) => {
  const insert = database.prepared<MessageRow>("message")
  const markDelivered = database.prepared<LogEntry>("delivered")

  const ring = async (sender: number, row: MessageRow) => {
    if (row.receiver_id === null) return
    if (!talk.tell(row.receiver_id, liveEvent("messages_updated", { sender: row.sender }, row))) return
    const [entry] = await markDelivered(row.receiver_id, sender)
    if (entry !== undefined) talk.tell(sender, liveEvent("messages_updated", { sender: row.receiver }, entry))
  }

  return async (sender: number, phone: string, text: string) => {
    const [row] = await insert(sender, phone.replace(/^\+/, ""), text)
    if (row === undefined || row.sender === null) return "no number" satisfies SendRefusal
    if (row.known === 0) return "unknown" satisfies SendRefusal
    if (row.id === null) return "not friends" satisfies SendRefusal
    // The answer does not wait for the friend.
    ring(sender, row).catch((error: unknown) => console.error(error))
    const message = {
      id: row.id,
      sender: row.sender,
      receiver: row.receiver,
      message: text,
      message_type: "text",
      media_type: null,
      media_content_id: null,
      status: row.status,
      created_at: row.created_at
    }
    return { success: true, messages: [message] }
  }
}
