import type { FastifyInstance } from "fastify"
import { type makeMessages, refusals } from "../node/Messages.ts"
import { messages, newMessage } from "./Schemas.ts"

interface NewMessage {
  readonly phone_number: string
  readonly message: string
}

export const messageRoutes = (app: FastifyInstance, send: ReturnType<typeof makeMessages>) => {
  app.post<{ Body: NewMessage }>(
    "/api/messages/send",
    { schema: { body: newMessage, response: { 200: messages } } },
    async ({ accountId, body }, reply) => {
      const sent = await send(accountId, body.phone_number, body.message)
      if (typeof sent === "object") return sent
      const [status, message] = refusals[sent]
      return reply.code(status).send({ success: false, message })
    }
  )
}
