import { createMiddleware } from "hono/factory"
import type { AccessTokens } from "../node/AccessTokens.ts"

/** What a request carries once its token was looked at. */
export interface Signed {
  Variables: {
    accountId: number
  }
}

export const bearer = (tokens: AccessTokens) =>
  createMiddleware<Signed>(async (c, next) => {
    const account = tokens.bearer(c.req.header("authorization"))
    if (account === undefined) return c.json({ detail: "Invalid or missing token" }, 401)
    c.set("accountId", account)
    await next()
  })
