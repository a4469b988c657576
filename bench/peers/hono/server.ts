/**
 * Rookery's routes as people who know Hono and `postgres` would write them for speed:
 *
 * - Hono's own router on @hono/node-server, with its light requests in the place of the global ones;
 * - `postgres` with ten connections, on each of which prepared statements are pipelined;
 * - zod for parameters, query and body, and answers by JSON.stringify, which knows their shape;
 * - tokens verified by fast-jwt, which keeps what it has verified;
 * - Argon2id off the main thread, WebSockets without compression, an event encoded once for all who are told;
 * - no logger for each request: errors alone are written.
 */
import { serve, type WebSocketServerLike } from "@hono/node-server"
import { Hono } from "hono"
import { HTTPException } from "hono/http-exception"
import { WebSocketServer } from "ws"
import { makeAccessTokens } from "../node/AccessTokens.ts"
import { makeMessages } from "../node/Messages.ts"
import { makeNotes } from "../node/Notes.ts"
import { makeNotifications } from "../node/Notifications.ts"
import { peerEnvironment } from "../node/PeerEnvironment.ts"
import { socketOptions } from "../node/Rooms.ts"
import { makeSignIn } from "../node/SignIn.ts"
import { bearer, type Signed } from "./Bearer.ts"
import { contactRoutes } from "./Contacts.ts"
import { messageRoutes } from "./Messages.ts"
import { makePostgresJsDatabase } from "./PostgresJsDatabase.ts"
import { signInRoute } from "./SignIn.ts"
import { socketRoutes } from "./Sockets.ts"

const { databaseUrl, host, jwtSecret, port } = peerEnvironment()
const database = makePostgresJsDatabase(databaseUrl)
const tokens = makeAccessTokens(jwtSecret)
const notifications = makeNotifications(database)
const addNote = makeNotes(database, notifications)

const app = new Hono<Signed>()

app.onError((error, c) => {
  if (error instanceof HTTPException) return error.getResponse()
  console.error(error)
  return c.json({ detail: "Something went wrong" }, 500)
})

signInRoute(app, await makeSignIn(database, tokens))
socketRoutes(app, tokens, notifications)
app.use("/api/v1/contacts/*", bearer(tokens))
app.use("/api/messages/*", bearer(tokens))
contactRoutes(app, { database, addNote, publicUrl: `http://${host}:${port}` })
messageRoutes(app, makeMessages(database, notifications))

const sockets = new WebSocketServer({ noServer: true, ...socketOptions })
const server = serve(
  {
    fetch: app.fetch,
    hostname: host,
    port,
    // Whoever comes again soon need not connect again; Node's own is 5 seconds.
    serverOptions: { keepAliveTimeout: 65_000 },
    // Its types say `undefined` of what this one's leave out.
    websocket: { server: sockets as WebSocketServerLike }
  },
  () => console.log("listening")
)

process.once("SIGTERM", () => {
  for (const socket of sockets.clients) socket.terminate()
  server.close(() => void database.close())
  if ("closeAllConnections" in server) server.closeAllConnections()
})
