import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { buffer } from "node:stream/consumers"
import { gunzipSync } from "node:zlib"
import { Effect } from "effect"

export interface Received {
  readonly path: string
  readonly contentType: string | undefined
  readonly body: Buffer
}

/** Takes whatever is sent to it by OTLP over HTTP, and keeps it. */
export const otlpCollector = Effect.acquireRelease(
  Effect.promise(async () => {
    const received: Array<Received> = []
    const server = createServer((request, response) => {
      void buffer(request).then((body) => {
        const zipped = request.headers["content-encoding"] === "gzip"
        received.push({
          path: request.url ?? "",
          contentType: request.headers["content-type"],
          body: zipped ? gunzipSync(body) : body
        })
        response.end()
      })
    }).listen(0, "127.0.0.1")
    await once(server, "listening")
    return { server, received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
  }),
  ({ server }) =>
    Effect.sync(() => {
      server.closeAllConnections()
      server.close()
    })
)
