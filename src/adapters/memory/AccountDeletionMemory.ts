import { type DateTime, HashMap } from "effect"
import type { Account, AccountId } from "../../domain/accounts/Account.ts"
import type { EventRouting } from "../../domain/events/EventRouting.ts"
import { removalEntry } from "../../domain/shared/BlobRemovals.ts"
import type { Message } from "../../domain/talk/Message.ts"
import { withoutLetters } from "./LetterDeletionMemory.ts"
import type { MemoryWorld } from "./MemoryWorld.ts"
import { withNoteEvent } from "./NoteEventsMemory.ts"
import { newEventId, newRow, withRows } from "./OutboxRowsMemory.ts"
import type { MessageRow, World } from "./World.ts"

const mediaOf = ({ content }: Message) => (content._tag === "Media" ? [content.mediaId] : [])

/** The world without the account's conversations and clips, whose blobs are to be removed. */
const withoutTalk = (world: MemoryWorld["Service"], before: World, id: AccountId, now: DateTime.Utc): World => {
  const isTheirs = ({ message }: MessageRow) => message.sender === id || message.receiver === id
  const messages = HashMap.filter(before.messages, (row) => !isTheirs(row))
  const carried = new Set(HashMap.toValues(messages).flatMap(({ message }) => mediaOf(message)))
  const clips = HashMap.toValues(before.media)
  const gone = clips.filter(({ media }) => media.uploader === id).map(({ media }) => media)
  const removals = gone.map(({ blobKey }) => newRow(world, removalEntry(newEventId(), blobKey), now))
  // What others sent to nobody else is sent to nobody now.
  const kept = clips
    .filter(({ media }) => media.uploader !== id)
    .map((row) => [row.media.id, { ...row, sent: row.sent && carried.has(row.media.id) }] as const)
  return { ...withRows(before, removals), messages, media: HashMap.fromIterable(kept) }
}

/** The world without the account and all that is its own, and with a `deleted` event for each of its notes. */
export const withoutAccount = (
  world: MemoryWorld["Service"],
  routing: EventRouting["Service"],
  before: World,
  account: Account,
  now: DateTime.Utc
): World => {
  const { id } = account
  const notes = HashMap.toValues(before.notes)
    .flatMap(({ note }) => (note.accountId === id ? [note] : []))
    .toSorted((one, other) => one.id - other.id)
  const told = notes.reduce(
    (after, note) =>
      withNoteEvent(world, routing, after, { id: newEventId(), type: "rookery.notes.deleted", note, now }),
    { ...before, outbox: withoutLetters(before, account) }
  )
  return {
    ...withoutTalk(world, told, id, now),
    accounts: HashMap.remove(told.accounts, id),
    sessions: HashMap.filter(told.sessions, ({ session }) => session.accountId !== id),
    contacts: HashMap.filter(told.contacts, (contact) => contact.accountId !== id),
    notes: HashMap.filter(told.notes, ({ note }) => note.accountId !== id),
    idempotencyKeys: HashMap.filter(told.idempotencyKeys, ({ owner }) => owner !== id),
    friendships: HashMap.filter(told.friendships, ({ owner, peer }) => owner !== id && peer !== id),
    invitations: HashMap.filter(told.invitations, ({ owner }) => owner !== id),
    notifications: HashMap.remove(told.notifications, id)
  }
}
