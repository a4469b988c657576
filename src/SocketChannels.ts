import type { SocketChannel } from "./adapters/http/docs/AsyncApiSockets.ts"
import { AddressBookEvent } from "./adapters/websocket/AddressBookEvents.ts"
import { TalkEvent } from "./adapters/websocket/TalkEvents.ts"

const closing =
  "Closed with 4401 when the session ends, with 4429 when the account has 20 newer connections, and with 1001 and 1013 " +
  "to come back soon. The server pings every 30 seconds; what a client sends is passed over, and its reader is cut off " +
  "where it does not read."

/** The WebSockets by which clients are told of changes, as the document shows them. */
export const socketChannels: ReadonlyArray<SocketChannel> = [
  {
    id: "talkNotifications",
    path: "/api/notifications",
    title: "Friends and messages",
    description: `For accounts with a phone number. ${closing}`,
    events: TalkEvent.members
  },
  {
    id: "addressBookNotifications",
    path: "/api/v1/notifications",
    title: "The address book",
    description: `Contacts and notes of one's own account. ${closing}`,
    events: AddressBookEvent.members
  }
]
