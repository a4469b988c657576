import { Context } from "effect"
import type { NoteEventType } from "./NoteEvent.ts"
import type { Destination } from "./Outbox.ts"

/** Where the events of this deployment go. */
export class EventRouting extends Context.Service<EventRouting, { readonly upstream: boolean }>()(
  "rookery/domain/events/EventRouting"
) {}

/** Where events of notes may go. */
export const noteDestinations: ReadonlyArray<Destination> = ["broker", "upstream"]

/** Every event goes to the event stream; the upstream service gets created and updated notes. */
export const destinations = (routing: EventRouting["Service"], type: NoteEventType): ReadonlyArray<Destination> =>
  routing.upstream && type !== "rookery.notes.deleted" ? ["broker", "upstream"] : ["broker"]
