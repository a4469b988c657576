/**
 * Rookery's routes as people who know Fastify and `pg` would write them for speed:
 *
 * - schemas for parameters, query and body (compiled by ajv) and for each answer (compiled by fast-json-stringify);
 * - named prepared statements on a pool of ten connections, one round trip for each request;
 * - tokens verified by fast-jwt, which keeps what it has verified, in a hook that does not wait for a promise;
 * - Argon2id off the main thread, WebSockets without compression, an event encoded once for all who are told;
 * - no logger for each request: errors alone are written.
 */
import fastifyWebsocket from "@fastify/websocket"
import Fastify, { type FastifyError } from "fastify"
import { makeAccessTokens } from "../node/AccessTokens.ts"
import { makeMessages } from "../node/Messages.ts"
import { makeNotes } from "../node/Notes.ts"
import { makeNotifications } from "../node/Notifications.ts"
import { peerEnvironment } from "../node/PeerEnvironment.ts"
import { socketOptions } from "../node/Rooms.ts"
import { makeSignIn } from "../node/SignIn.ts"
import { contactRoutes } from "./Contacts.ts"
import { makePgDatabase } from "./PgDatabase.ts"
import { signInRoute } from "./SignIn.ts"
import { socketRoutes } from "./Sockets.ts"
import { messageRoutes } from "./Messages.ts"

declare module "fastify" {
  interface FastifyRequest {
    /** Whose token was shown. */
    accountId: number
  }
}

const { databaseUrl, host, jwtSecret, port } = peerEnvironment()
const database = makePgDatabase(databaseUrl)
const tokens = makeAccessTokens(jwtSecret)
const notifications = makeNotifications(database)
const addNote = makeNotes(database, notifications)
const signIn = await makeSignIn(database, tokens)

const app = Fastify({ logger: false, forceCloseConnections: true, exposeHeadRoutes: false })

app.setErrorHandler<FastifyError>((error, _request, reply) => {
  if (error.statusCode !== undefined && error.statusCode < 500) return reply.send(error)
  console.error(error)
  return reply.code(500).send({ detail: "Something went wrong" })
})

app.decorateRequest("accountId", 0)
await app.register(fastifyWebsocket, { options: socketOptions })

await app.register(async (open) => {
  signInRoute(open, signIn)
  socketRoutes(open, tokens, notifications)
})

await app.register(async (guarded) => {
  guarded.addHook("onRequest", (request, reply, done) => {
    const account = tokens.bearer(request.headers.authorization)
    if (account === undefined) {
      reply.code(401).send({ detail: "Invalid or missing token" })
      return
    }
    request.accountId = account
    done()
  })
  contactRoutes(guarded, { database, addNote, publicUrl: `http://${host}:${port}` })
  messageRoutes(guarded, makeMessages(database, notifications))
})

process.once("SIGTERM", () => {
  void app.close().then(() => database.close())
})

await app.listen({ host, port })
console.log("listening")
