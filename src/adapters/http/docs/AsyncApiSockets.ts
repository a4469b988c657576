import type { Schema } from "effect"
import type { RouteKey } from "../RouteTable.ts"
import { type DocumentedMessage, messageOf } from "./AsyncApiMessages.ts"

/** A WebSocket by which clients are told of changes. */
export interface SocketChannel {
  /** Names it in the document. */
  readonly id: string
  readonly path: RouteKey["path"]
  readonly title: string
  readonly description: string
  /** What it says: each has an identifier and a description, and is sent as JSON. */
  readonly events: ReadonlyArray<Schema.Top>
}

export const socketMessages = ({ events }: SocketChannel): ReadonlyArray<DocumentedMessage> =>
  events.map((event) => messageOf(event, { contentType: "application/json" }))

const query = {
  type: "object",
  properties: {
    token: { type: "string", description: "The access token, where no header can be set" },
    since: {
      type: "string",
      description:
        "The `id` of the last event that was received, or a time in ISO 8601: what came after it is sent again, as far as it is kept",
      examples: ["41", "2026-11-20T16:42:10.123Z"]
    }
  }
}

const headers = {
  type: "object",
  properties: {
    Authorization: { type: "string", description: "`Bearer` and the access token", examples: ["Bearer eyJhbGciOi"] },
    "Sec-WebSocket-Protocol": {
      type: "string",
      description: "`bearer` and the access token, as browsers can send it; answered with `bearer`",
      examples: ["bearer, eyJhbGciOi"]
    }
  }
}

/** How its handshake is asked for. */
export const socketBindings = { ws: { method: "GET", query, headers, bindingVersion: "0.1.0" } }
