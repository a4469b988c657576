import { Effect, Metric } from "effect"
import type { Topic } from "../../domain/notifications/Notification.ts"
import type { Listener } from "./Listener.ts"

/** Why a connection was ended from this side. */
export type Drop =
  | "session_ended"
  | "replaced"
  | "unavailable"
  /** It didn't read what it was sent. */
  | "slow"
  /** It didn't answer pings. */
  | "silent"
  /** It sent what nobody asked for, and too much of it. */
  | "noisy"

const connections = Metric.gauge("rookery_live_connections", {
  description: "Clients that are connected for notifications, by topic, or for calls"
})
const messages = Metric.counter("rookery_live_messages_total", {
  description: "Events that connected clients were sent, by topic",
  incremental: true
})
const drops = Metric.counter("rookery_live_drops_total", {
  description: "Connections for notifications that the server ended, by reason",
  incremental: true
})

const connectionsOf = {
  talk: Metric.withAttributes(connections, { topic: "talk" }),
  addressBook: Metric.withAttributes(connections, { topic: "address_book" }),
  calls: Metric.withAttributes(connections, { topic: "calls" })
} satisfies Record<Topic | "calls", unknown>
const messagesOf = {
  talk: Metric.withAttributes(messages, { topic: "talk" }),
  addressBook: Metric.withAttributes(messages, { topic: "address_book" })
} satisfies Record<Topic, unknown>
const dropsOf = {
  session_ended: Metric.withAttributes(drops, { reason: "session_ended" }),
  replaced: Metric.withAttributes(drops, { reason: "replaced" }),
  unavailable: Metric.withAttributes(drops, { reason: "unavailable" }),
  slow: Metric.withAttributes(drops, { reason: "slow" }),
  silent: Metric.withAttributes(drops, { reason: "silent" }),
  noisy: Metric.withAttributes(drops, { reason: "noisy" })
} satisfies Record<Drop, unknown>

const gaugeOf = ({ silent = false, topic }: Pick<Listener, "silent" | "topic">) =>
  connectionsOf[silent ? "calls" : topic]

export const countConnected = (listener: Listener) => Metric.modify(gaugeOf(listener), 1)
export const countDisconnected = (listener: Listener) => Metric.modify(gaugeOf(listener), -1)
export const countMessage = (topic: Topic) => Metric.update(messagesOf[topic], 1)
export const countDrop = (reason: Drop) => Metric.update(dropsOf[reason], 1)

/** Shows all of them from the start, so that their first increase is seen as one. */
export const registerLiveMetrics = Effect.all(
  [
    ...Object.values(connectionsOf).map((gauge) => Metric.modify(gauge, 0)),
    ...[...Object.values(messagesOf), ...Object.values(dropsOf)].map((counter) => Metric.update(counter, 0))
  ],
  { discard: true }
)
