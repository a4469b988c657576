import type { DocumentedMessage } from "./AsyncApiMessages.ts"
import { noteChannels } from "./AsyncApiNotes.ts"
import { socketBindings, type SocketChannel, socketMessages } from "./AsyncApiSockets.ts"
import { merge, sorted } from "./DocumentParts.ts"
import { projectVersion } from "./ProjectVersion.ts"

const about = `What Rookery tells by itself, beside what it answers to requests (\`/openapi.json\`).

- Subscribers at the broker are told of every note, each at least once and in order for each note.
- Clients that hold a WebSocket are told what changed for their own account, and ask for it by requests.`

const servers = {
  broker: {
    host: "{host}",
    protocol: "nats",
    title: "The broker",
    description: "NATS with JetStream, where the server has a `NATS_URL`",
    variables: { host: { default: "localhost:4222", description: "As in `NATS_URL`" } }
  },
  web: {
    host: "{host}",
    protocol: "ws",
    title: "The server",
    description: "The port of the requests. Behind a proxy that speaks TLS it is `wss`",
    variables: { host: { default: "localhost:8000", description: "As in `PUBLIC_URL`" } }
  }
}

const securitySchemes = {
  bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT", description: "The access token of a sign-in" },
  protocol: {
    type: "httpApiKey",
    in: "header",
    name: "Sec-WebSocket-Protocol",
    description: "`bearer` and the access token: it stays out of addresses, and out of the logs that hold them"
  },
  query: { type: "httpApiKey", in: "query", name: "token", description: "The access token" }
}

const refer = (...path: ReadonlyArray<string>) => ({ $ref: ["#", ...path].join("/") })

interface Channel {
  readonly id: string
  readonly server: keyof typeof servers
  readonly messages: ReadonlyArray<DocumentedMessage>
  /** What else is said of it, and of what the server does there. */
  readonly says: object
  readonly operation: object
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

const prefix = {
  parameters: {
    prefix: { default: "rookery", description: "`NATS_SUBJECT_PREFIX` of the server; its stream is `<PREFIX>_NOTES`" }
  }
}

const ofNotes = (): ReadonlyArray<Channel> =>
  noteChannels().map(({ message, name }) => ({
    id: `note${capital(name)}`,
    server: "broker",
    messages: [message],
    says: {
      address: `{prefix}.notes.${name}`,
      title: `Notes that are ${name}`,
      description: "CloudEvents 1.0 in JSON, in structured mode. The stream keeps them for 30 days.",
      ...prefix
    },
    operation: { summary: `Tells of notes that are ${name}` }
  }))

const ofSocket = (socket: SocketChannel): Channel => ({
  id: socket.id,
  server: "web",
  messages: socketMessages(socket),
  says: { address: socket.path, title: socket.title, description: socket.description, bindings: socketBindings },
  operation: {
    summary: `Tells of ${socket.title.toLowerCase()}`,
    security: Object.keys(securitySchemes).map((name) => refer("components", "securitySchemes", name))
  }
})

export interface AsyncApiOptions {
  readonly version: string
  readonly sockets: ReadonlyArray<SocketChannel>
}

/** The AsyncAPI 3 document of everything that is told without being asked for. */
export const asyncApiDocument = ({ sockets, version }: AsyncApiOptions) => {
  const channels = [...ofNotes(), ...sockets.map(ofSocket)]
  const messages: Record<string, object> = {}
  const schemas: Record<string, object> = {}
  for (const message of channels.flatMap((channel) => channel.messages)) {
    merge("messages", messages, { [message.name]: message.message })
    merge("schemas", schemas, message.schemas)
  }
  return {
    asyncapi: "3.0.0",
    info: { title: "Rookery", version, description: about },
    defaultContentType: "application/json",
    servers,
    channels: Object.fromEntries(
      channels.map(({ id, messages, says, server }) => [
        id,
        {
          ...says,
          servers: [refer("servers", server)],
          messages: Object.fromEntries(messages.map(({ name }) => [name, refer("components", "messages", name)]))
        }
      ])
    ),
    operations: Object.fromEntries(
      channels.map(({ id, messages, operation }) => [
        `tell${capital(id)}`,
        {
          action: "send",
          channel: refer("channels", id),
          ...operation,
          messages: messages.map(({ name }) => refer("channels", id, "messages", name))
        }
      ])
    ),
    components: { messages, schemas: sorted(schemas), securitySchemes }
  }
}

/** The document as it is served and committed. */
export const asyncApiText = (sockets: ReadonlyArray<SocketChannel>): string =>
  `${JSON.stringify(asyncApiDocument({ version: projectVersion(), sockets }), null, 2)}\n`
