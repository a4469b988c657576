import { parse } from "node:querystring"
import type { FastifyInstance } from "fastify"
import type { makeSignIn } from "../node/SignIn.ts"
import { passwordForm, tokenPair } from "./Schemas.ts"

interface PasswordForm {
  readonly username: string
  readonly password: string
}

/** The password form of OAuth 2. */
export const signInRoute = (app: FastifyInstance, signIn: Awaited<ReturnType<typeof makeSignIn>>) => {
  app.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string" }, (_request, body, done) =>
    done(null, parse(String(body)))
  )

  app.post<{ Body: PasswordForm }>(
    "/api/v1/auth/login",
    { schema: { body: passwordForm, response: { 200: tokenPair } } },
    async ({ body: { password, username }, headers }, reply) => {
      const tokens = await signIn(username, password, headers["user-agent"])
      if (tokens === "invalid") {
        return reply.code(401).send({ detail: "Invalid username, e-mail address or password" })
      }
      if (tokens === "unverified") return reply.code(403).send({ detail: "The e-mail address is not verified" })
      reply.header("cache-control", "no-store")
      return tokens
    }
  )
}
