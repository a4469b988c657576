import { Agent, request } from "node:http"
import { ApiClient, type Answer, type Asked } from "../support/ApiClient.ts"

/** A client that makes all its requests over one connection: one process answers all of them. */
export class PinnedClient extends ApiClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })
  readonly close = () => this.#agent.destroy()

  override async request(method: string, path: string, { token, headers, json }: Asked = {}): Promise<Answer> {
    if (token !== undefined) this.secrets.add(token)
    return new Promise((resolve, reject) => {
      const sent = request(`${this.url}${path}`, {
        method,
        agent: this.#agent,
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(json === undefined ? {} : { "content-type": "application/json" }),
          ...headers
        }
      })
      sent
        .on("error", reject)
        .on("response", (response) => {
          let text = ""
          response
            .setEncoding("utf8")
            .on("data", (chunk: string) => (text += chunk))
            .on("error", reject)
            .on("end", () => {
              const fields = Object.entries(response.headersDistinct).flatMap(([name, values = []]) =>
                values.map((value): [string, string] => [name, value])
              )
              const answer = { status: response.statusCode ?? 0, headers: new Headers(fields), text }
              resolve({
                ...answer,
                body: response.headers["content-type"]?.includes("json") ? JSON.parse(text) : undefined
              })
            })
        })
        .end(json === undefined ? undefined : JSON.stringify(json))
    })
  }
}
