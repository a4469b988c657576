import { type DateTime, Schema } from "effect"
import { AccountId } from "../accounts/Account.ts"
import { PhoneDigits } from "../shared/PhoneNumber.ts"
import { Text } from "../shared/Text.ts"
import { FriendStatus, type Stances, statusOf } from "./Friendship.ts"

/** What somebody calls a friend; at most 255 characters. Blank is none. */
export const DisplayName = Text(255).pipe(Schema.brand("DisplayName"))
export type DisplayName = typeof DisplayName.Type

/** Null where nothing is left of it to read. */
export const nameIfAny = (name: DisplayName): DisplayName | null => (name.trim() === "" ? null : name)

/** Somebody in one's list, as one sees them. */
export class Friend extends Schema.Class<Friend>("Friend")({
  /** Null where nobody has signed up with that number yet. */
  accountId: Schema.NullOr(AccountId),
  phoneNumber: PhoneDigits,
  /** The number, where no name was given. */
  displayName: Schema.String,
  status: FriendStatus,
  /** Of the last message, request or answer between the two, as far as one sees any of it. */
  lastTouchAt: Schema.DateTimeUtc,
  unreadMessages: Schema.Int
}) {}

/** What is kept of a {@link Friend}. */
export interface KeptFriend extends Stances {
  readonly accountId: AccountId | null
  readonly phoneNumber: PhoneDigits
  readonly displayName: string | null
  readonly lastTouchAt: DateTime.Utc
  readonly unreadMessages: number
}

/** None where one sees nothing of it. */
export const friendsIn = (kept: ReadonlyArray<KeptFriend>): ReadonlyArray<Friend> =>
  kept.flatMap(({ displayName, mine, theirs, ...rest }) => {
    const status = statusOf({ mine, theirs })
    return status === undefined ? [] : [new Friend({ ...rest, displayName: displayName ?? rest.phoneNumber, status })]
  })

/** Has no account, and no SMS can be sent to invite them. */
export class PersonNotFound extends Schema.TaggedError<PersonNotFound>()("PersonNotFound", {}) {}

/** The number is one's own. */
export class AskedOneself extends Schema.TaggedError<AskedOneself>()("AskedOneself", {}) {}
