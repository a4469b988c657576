import type { FastifyInstance, FastifyRequest } from "fastify"
import type { WebSocket } from "ws"
import type { AccessTokens } from "../node/AccessTokens.ts"
import type { Notifications } from "../node/Notifications.ts"

type Join = (socket: WebSocket) => void

interface SocketQuery {
  readonly token?: string
}

/** The WebSockets by which clients are told of what happens. A browser can set no header: the token is in the URL. */
export const socketRoutes = (app: FastifyInstance, tokens: AccessTokens, { joining }: Notifications) => {
  const joins = new WeakMap<FastifyRequest, Join>()

  const socketRoute = (path: string, find: (account: number) => Promise<Join | undefined>) =>
    app.get<{ Querystring: SocketQuery }>(
      path,
      {
        websocket: true,
        preValidation: async (request, reply) => {
          const account = tokens.accountOf(request.query.token ?? "")
          if (account === undefined) return reply.code(401).send({ detail: "Invalid or missing token" })
          const join = await find(account)
          if (join === undefined) return reply.code(400).send({ detail: "This account has no phone number" })
          joins.set(request, join)
        }
      },
      (socket, request) => joins.get(request)?.(socket)
    )

  socketRoute("/api/notifications", joining.talk)
  socketRoute("/api/v1/notifications", joining.addressBook)
}
