import { Effect, type Scope } from "effect"
import { Agent, request as send } from "node:http"

export interface HttpRequest {
  readonly method: "GET" | "POST"
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export interface HttpAnswer {
  readonly status: number
  readonly body: string
}

/** As it goes over the wire. */
export const rawRequest = ({ body, headers, method, path }: HttpRequest): string => {
  const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }
  const lines = Object.entries({ host: "127.0.0.1", ...headers, ...length }).map(([name, value]) => `${name}: ${value}`)
  return `${method} ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${body ?? ""}`
}

/** The address of a client behind a proxy, another one for each number: what rate limits are counted by. */
export const forwardedFor = (client: number) => ({
  "x-forwarded-for": `10.${(client >> 16) & 255}.${(client >> 8) & 255}.${client & 255}`
})

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

export const json = { "content-type": "application/json" }

export const form = { "content-type": "application/x-www-form-urlencoded" }

/** How long an answer may take, in milliseconds. */
const patience = 30_000

/**
 * Connections that stay open as long as the scope does: not longer than a turn, since a server that was paused closes at
 * once what was idle meanwhile.
 */
export const keptConnections: Effect.Effect<Agent, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => new Agent({ keepAlive: true })),
  (agent) => Effect.sync(() => agent.destroy())
)

/** Asks once, on a connection of its own where no others are given. Rejects where no answer comes. */
export const ask = (url: string, { body, headers, method, path }: HttpRequest, agent: Agent | false = false) =>
  new Promise<HttpAnswer>((resolve, reject) => {
    const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) }
    const options = { agent, method, headers: { ...headers, ...length }, timeout: patience }
    const request = send(new URL(path, url), options, (response) => {
      let text = ""
      response.setEncoding("utf8")
      response.on("data", (chunk: string) => {
        text += chunk
      })
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text }))
      response.on("error", reject)
    })
    request.on("timeout", () => request.destroy(new Error(`${method} ${path}: no answer within ${patience} ms`)))
    request.on("error", reject)
    request.end(body)
  })
