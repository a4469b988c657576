import { Schema } from "effect"
import { PhoneNumber } from "../../../domain/shared/PhoneNumber.ts"
import { DisplayName } from "../../../domain/talk/Friend.ts"
import { FriendStatus } from "../../../domain/talk/Friendship.ts"
import { described } from "../ApiDocs.ts"
import { docs } from "./TalkMembers.ts"

export const phoneParams = { phone_number: PhoneNumber }

export const TalkContact = described(
  Schema.Struct({
    phone_number: Schema.String,
    display_name: Schema.String,
    status: FriendStatus,
    last_touch_at: Schema.DateTimeUtcFromString,
    unread_messages: Schema.Int
  }),
  {
    name: "TalkContact",
    description: "Somebody in one's list",
    members: {
      phone_number: docs.digits,
      display_name: docs.displayName,
      status: {
        description:
          "`requesting`: asked by oneself; `requested`: asked by them; `accepted`: both are friends; `deleted`: by oneself; `blocked`: deleted by them",
        example: "accepted"
      },
      last_touch_at: { ...docs.time, description: "Of the latest message, request or answer between the two" },
      unread_messages: { description: "From them, not seen yet", minimum: 0, example: 2 }
    }
  }
)
export type TalkContact = typeof TalkContact.Type

export const TalkContacts = described(
  Schema.Struct({ success: Schema.Literal(true), contacts: Schema.Array(TalkContact) }),
  {
    name: "TalkContacts",
    description: "Contacts, the latest touched first",
    members: { success: docs.success }
  }
)

export const ContactOnly = described(Schema.Struct({ phone_number: PhoneNumber }), {
  name: "TalkContactNumber",
  description: "Whom it is about",
  members: { phone_number: docs.phoneNumber }
})

const named = Schema.Struct({
  phone_number: PhoneNumber,
  display_name: Schema.optionalKey(Schema.NullOr(DisplayName))
})
const namedDocs = { phone_number: docs.phoneNumber, display_name: docs.displayName }

export const FriendRequest = described(named, {
  name: "TalkFriendRequest",
  description: "Somebody to be friends with",
  members: namedDocs
})

export const DisplayNameChange = described(named, {
  name: "TalkDisplayName",
  description: "What a contact is called from now on",
  members: namedDocs
})
