import { Effect } from "effect"
import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

export type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** A server that answers as a test says: the n-th request for an object goes to `answer(n)`. Buckets are there. */
export const fakeS3 = (answer: (n: number) => Answer) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      let count = 0
      const server = createServer((request, response) => {
        request.resume()
        const { pathname, search } = new URL(request.url ?? "/", "http://s3")
        const toBucket = pathname.split("/").filter((part) => part !== "").length < 2
        if (toBucket && !search.includes("list-type=2")) response.end("<ListMultipartUploadsResult/>")
        else answer(count++)(request, response)
      }).listen(0, "127.0.0.1")
      await once(server, "listening")
      return server
    }),
    (server) =>
      Effect.promise(async () => {
        server.closeAllConnections()
        server.close()
        await once(server, "close")
      })
  ).pipe(Effect.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`))

export const error =
  (status: number, code: string, message = ""): Answer =>
  (_, response) => {
    response.writeHead(status, { "content-type": "application/xml" })
    response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`)
  }

export const silence: Answer = () => {}

/** The head of an answer of 1000 bytes, ten of them, and what comes then. */
export const tenBytesAnd =
  (then: (response: ServerResponse) => void): Answer =>
  (_, response) => {
    response.writeHead(200, { "content-length": "1000", "content-type": "image/png", etag: '"1"' })
    response.write("0123456789")
    setTimeout(() => then(response), 50)
  }

export const stored: Answer = (_, response) => {
  response.writeHead(200, { etag: '"abc"' })
  response.end()
}
