import { type DateTime, HashMap } from "effect"
import type { Account, AccountId, PasswordHash } from "../../domain/accounts/Account.ts"
import type { KeptPasscode, PasscodeRequest } from "../../domain/accounts/PasscodeRepository.ts"
import type { RefreshState } from "../../domain/accounts/RefreshTokens.ts"
import type { SessionId } from "../../domain/accounts/Session.ts"
import type { Contact, ContactId } from "../../domain/contacts/Contact.ts"
import type { Note, NoteId } from "../../domain/contacts/Note.ts"
import type { EventId, OutboxEntry } from "../../domain/events/Outbox.ts"
import type { KeptNotification } from "../../domain/notifications/Notification.ts"
import type { KeptResponse } from "../../domain/shared/IdempotencyKeys.ts"
import type { PhoneDigits } from "../../domain/shared/PhoneNumber.ts"
import type { DisplayName } from "../../domain/talk/Friend.ts"
import type { Stance } from "../../domain/talk/Friendship.ts"
import type { Media, MediaId } from "../../domain/talk/Media.ts"
import type { ClientMessageId, Message, MessageId } from "../../domain/talk/Message.ts"

export interface AccountRow {
  readonly account: Account
  readonly usernameKey: string | null
  readonly emailKey: string | null
  readonly emailClaimedAt: DateTime.Utc | null
  readonly passwordHash: PasswordHash | null
}

export interface SessionRow extends RefreshState {
  readonly endedAt: DateTime.Utc | null
}

export interface NoteRow {
  readonly note: Note
  /** The latest event of the note. */
  readonly eventId: EventId
}

export interface OutboxRow {
  readonly entry: OutboxEntry
  /** The note that it tells of, where it tells of one. */
  readonly noteId: NoteId | null
  readonly availableAt: DateTime.Utc
  readonly holder: string | null
  readonly lastError: string | null
  readonly diedAt: DateTime.Utc | null
}

/** An entry as it is when it has been written. */
export const pendingRow = (
  entry: OutboxEntry,
  { availableAt = entry.occurredAt, noteId = null }: Partial<Pick<OutboxRow, "availableAt" | "noteId">> = {}
): OutboxRow => ({ entry, noteId, availableAt, holder: null, lastError: null, diedAt: null })

export interface PasscodeRow extends KeptPasscode {
  /** Null once its code was used, and where none was ever asked for. */
  readonly request: PasscodeRequest | null
  readonly usedAt: DateTime.Utc
}

export interface IdempotencyKeyRow {
  readonly owner: AccountId
  readonly fingerprint: Uint8Array
  /** Null once the response is there. */
  readonly holder: string | null
  readonly heldUntil: DateTime.Utc
  readonly response: KeptResponse | null
  readonly createdAt: DateTime.Utc
}

/** One side of a pair; there are two for each. */
export interface FriendshipRow {
  readonly owner: AccountId
  readonly peer: AccountId
  readonly stance: Stance
  readonly displayName: DisplayName | null
  readonly unreadMessages: number
  readonly lastTouchAt: DateTime.Utc
}

/** Of a side in `friendships`. */
export const sideKey = (owner: AccountId, peer: AccountId): string => `${owner} ${peer}`

export interface InvitationRow {
  readonly owner: AccountId
  readonly phone: PhoneDigits
  readonly displayName: DisplayName | null
  readonly createdAt: DateTime.Utc
}

export interface MediaRow {
  readonly media: Media
  readonly sent: boolean
}

export interface MessageRow {
  readonly message: Message
  readonly clientMessageId: ClientMessageId | null
}

export interface NotificationsRow {
  readonly newestId: number
  readonly newestAt: DateTime.Utc
  /** When the newest of those was made that are gone. */
  readonly forgottenAt: DateTime.Utc | null
  /** Since when changes of the address book are kept. */
  readonly addressBookSince: DateTime.Utc | null
  /** The oldest first. */
  readonly kept: ReadonlyArray<KeptNotification>
}

/** Everything that the memory repositories keep. Never changed, only replaced. */
export interface World {
  readonly accounts: HashMap.HashMap<number, AccountRow>
  readonly sessions: HashMap.HashMap<SessionId, SessionRow>
  readonly contacts: HashMap.HashMap<ContactId, Contact>
  readonly notes: HashMap.HashMap<NoteId, NoteRow>
  readonly outbox: HashMap.HashMap<number, OutboxRow>
  readonly secrets: HashMap.HashMap<string, string>
  /** By owner and key. */
  readonly idempotencyKeys: HashMap.HashMap<string, IdempotencyKeyRow>
  /** By number. */
  readonly passcodes: HashMap.HashMap<PhoneDigits, PasscodeRow>
  /** By {@link sideKey}. */
  readonly friendships: HashMap.HashMap<string, FriendshipRow>
  /** By owner and number. */
  readonly invitations: HashMap.HashMap<string, InvitationRow>
  /** When a number was sent one. */
  readonly invitationSms: HashMap.HashMap<PhoneDigits, DateTime.Utc>
  readonly media: HashMap.HashMap<MediaId, MediaRow>
  readonly messages: HashMap.HashMap<MessageId, MessageRow>
  readonly notifications: HashMap.HashMap<AccountId, NotificationsRow>
}

export const emptyWorld: World = {
  accounts: HashMap.empty(),
  sessions: HashMap.empty(),
  contacts: HashMap.empty(),
  notes: HashMap.empty(),
  outbox: HashMap.empty(),
  secrets: HashMap.empty(),
  idempotencyKeys: HashMap.empty(),
  passcodes: HashMap.empty(),
  friendships: HashMap.empty(),
  invitations: HashMap.empty(),
  invitationSms: HashMap.empty(),
  media: HashMap.empty(),
  messages: HashMap.empty(),
  notifications: HashMap.empty()
}
