import { upgradeWebSocket } from "@hono/node-server"
import type { Hono } from "hono"
import { createMiddleware } from "hono/factory"
import { WebSocket } from "ws"
import type { AccessTokens } from "../node/AccessTokens.ts"
import type { Notifications } from "../node/Notifications.ts"
import type { Signed } from "./Bearer.ts"

type Join = (socket: WebSocket) => void

interface Joining {
  Variables: {
    join: Join
  }
}

/** The WebSockets by which clients are told of what happens. A browser can set no header: the token is in the URL. */
export const socketRoutes = (app: Hono<Signed>, tokens: AccessTokens, { joining }: Notifications) => {
  const socketRoute = (path: string, find: (account: number) => Promise<Join | undefined>) => {
    const admit = createMiddleware<Joining>(async (c, next) => {
      const account = tokens.accountOf(c.req.query("token") ?? "")
      if (account === undefined) return c.json({ detail: "Invalid or missing token" }, 401)
      const join = await find(account)
      if (join === undefined) return c.json({ detail: "This account has no phone number" }, 400)
      c.set("join", join)
      return await next()
    })

    const upgrade = upgradeWebSocket((c) => ({
      onOpen: (_event, { raw }) => {
        if (raw instanceof WebSocket) c.get("join")(raw)
      }
    }))

    app.get(path, admit, upgrade)
  }

  socketRoute("/api/notifications", joining.talk)
  socketRoute("/api/v1/notifications", joining.addressBook)
}
