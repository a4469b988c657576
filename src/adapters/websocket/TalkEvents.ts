import { DateTime, Schema } from "effect"
import type { LiveEvent } from "../../application/notifications/LiveEvent.ts"

/** ISO 8601, in UTC and to the millisecond. */
export const Timestamp = Schema.String.annotate({
  description: "When it happened",
  format: "date-time",
  examples: ["2026-11-20T16:42:10.123Z"]
})

/** In every event that tells of a change: what to ask for with `since`. Grows with each, for each account. */
export const EventId = Schema.Int.annotate({
  description: "What to ask for with `since`; grows with each event of the account",
  examples: [42]
})

/** Comes first: where the log is now. `resumed` says, where `since` was asked for, whether all that was missed follows. */
export const Connected = Schema.Struct({
  event: Schema.Literal("connected"),
  timestamp: Timestamp,
  id: Schema.Int.annotate({ description: "Of the newest event of the account; 0 where there is none", examples: [41] }),
  resumed: Schema.optionalKey(
    Schema.Boolean.annotate({
      description: "Where `since` was asked for: whether all that was missed follows. If not, only what is new does",
      examples: [true]
    })
  )
}).annotate({
  identifier: "Connected",
  description: "Comes first, and again where a client lags behind further than events are kept"
})

export const connected = ({
  at,
  newest,
  resumed
}: LiveEvent & { readonly _tag: "Connected" }): typeof Connected.Type => ({
  event: "connected",
  timestamp: DateTime.formatIso(at),
  id: newest,
  ...(resumed === null ? {} : { resumed })
})

/** What clients of talk are told. */
export const TalkEvent = Schema.Union([
  Connected,
  Schema.Struct({ event: Schema.Literal("contacts_updated"), timestamp: Timestamp, id: EventId }).annotate({
    identifier: "ContactsUpdated",
    description: "Somebody came into the list of contacts or went, or their status or name is another"
  }),
  Schema.Struct({
    event: Schema.Literal("messages_updated"),
    sender: Schema.String.annotate({
      description: "The number of the other of the two, also where it was they who have read something",
      examples: ["380501234567"]
    }),
    timestamp: Timestamp,
    id: EventId
  }).annotate({
    identifier: "MessagesUpdated",
    description: "There is another message with that person, or one was delivered or seen"
  })
])
export type TalkEvent = typeof TalkEvent.Type

/** Undefined for what talk does not tell of. */
export const talkEvent = (event: LiveEvent): TalkEvent | undefined => {
  switch (event._tag) {
    case "Connected":
      return connected(event)
    case "ContactsUpdated":
      return { event: "contacts_updated", timestamp: DateTime.formatIso(event.at), id: event.id }
    case "MessagesUpdated":
      return {
        event: "messages_updated",
        sender: event.sender,
        timestamp: DateTime.formatIso(event.at),
        id: event.id
      }
    default:
      return undefined
  }
}
