import { zValidator } from "@hono/zod-validator"
import type { Hono } from "hono"
import { type makeMessages, refusals } from "../node/Messages.ts"
import type { Signed } from "./Bearer.ts"
import { newMessage } from "./Schemas.ts"

export const messageRoutes = (app: Hono<Signed>, send: ReturnType<typeof makeMessages>) => {
  app.post("/api/messages/send", zValidator("json", newMessage), async (c) => {
    const { message, phone_number } = c.req.valid("json")
    const sent = await send(c.get("accountId"), phone_number, message)
    if (typeof sent === "object") return c.json(sent)
    const [status, why] = refusals[sent]
    return c.json({ success: false, message: why }, status)
  })
}
