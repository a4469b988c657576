import { zValidator } from "@hono/zod-validator"
import type { Hono } from "hono"
import type { makeSignIn } from "../node/SignIn.ts"
import type { Signed } from "./Bearer.ts"
import { passwordForm } from "./Schemas.ts"

/** The password form of OAuth 2. */
export const signInRoute = (app: Hono<Signed>, signIn: Awaited<ReturnType<typeof makeSignIn>>) => {
  app.post("/api/v1/auth/login", zValidator("form", passwordForm), async (c) => {
    const { password, username } = c.req.valid("form")
    const tokens = await signIn(username, password, c.req.header("user-agent"))
    if (tokens === "invalid") return c.json({ detail: "Invalid username, e-mail address or password" }, 401)
    if (tokens === "unverified") return c.json({ detail: "The e-mail address is not verified" }, 403)
    return c.json(tokens, 200, { "cache-control": "no-store" })
  })
}
