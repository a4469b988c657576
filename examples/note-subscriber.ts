// Follows the notes of a Rookery server: a durable subscriber of a few lines, to be copied.
//
//   node examples/note-subscriber.ts [nats://localhost:4222] [inbox.db]
//
// Rookery needs NATS_URL for this. Events are CloudEvents 1.0 in JSON on `rookery.notes.created`, `.updated` and
// `.deleted`, in order for each note (`NATS_SUBJECT_PREFIX` replaces `rookery`, and names the stream in capitals).
//
// An event may come more than once: after a crash here, before its acknowledgement arrived, or after one there. That is
// what the inbox is for. It holds the ids of events that were handled, and is written in the transaction that handles
// them, so that both happen or neither. In your service it is a table of your own database.
import { AckPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream"
import { connect, nanos } from "@nats-io/transport-node"
import { DatabaseSync } from "node:sqlite"

interface NoteEvent {
  readonly id: string
  readonly type: "rookery.notes.created" | "rookery.notes.updated" | "rookery.notes.deleted"
  readonly subject: string
  readonly time: string
  /** `body` is missing where the note was deleted. */
  readonly data: { readonly id: number; readonly contact_id: number; readonly user_id: number; readonly body?: string }
}

const [servers = "nats://localhost:4222", file = "inbox.db"] = process.argv.slice(2)
const [stream, durable] = ["ROOKERY_NOTES", "note-subscriber"]

// Whoever reads the inbox meanwhile makes a commit here wait, not fail.
const database = new DatabaseSync(file, { timeout: 5000 })
database.exec("CREATE TABLE IF NOT EXISTS inbox (event_id TEXT PRIMARY KEY)")
const remember = database.prepare("INSERT OR IGNORE INTO inbox VALUES (?)")

/** Your work goes here, on the same database. What it throws is tried again. */
const handle = (event: NoteEvent) => console.log(event.time, event.type, event.subject, event.data.body ?? "")

const connection = await connect({ servers, maxReconnectAttempts: -1 })
const manager = await jetstreamManager(connection)
await manager.consumers.add(stream, {
  durable_name: durable,
  ack_policy: AckPolicy.Explicit,
  // One at a time, or an event that is tried again would be overtaken by later ones of its note.
  max_ack_pending: 1,
  // What was given to a subscriber that died is given to the next one after this; handling has to be quicker.
  ack_wait: nanos(5000)
})
const consumer = await jetstream(connection).consumers.get(stream, durable)

for await (const message of await consumer.consume()) {
  const event = message.json<NoteEvent>()
  database.exec("BEGIN")
  try {
    if (remember.run(event.id).changes === 1) handle(event)
    database.exec("COMMIT")
    message.ack()
  } catch (error) {
    database.exec("ROLLBACK")
    console.error(event.id, error)
    message.nak(1000)
  }
}
