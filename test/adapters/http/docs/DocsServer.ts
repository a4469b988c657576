import { Effect, Layer } from "effect"
import { SecureRandom } from "effect/crypto"
import { HttpServer as Server } from "effect/http"
import { request } from "node:http"
import { docsPaths, DocsRoutes } from "../../../../src/adapters/http/docs/DocsRoutes.ts"
import { HttpServer } from "../../../../src/adapters/http/HttpServer.ts"
import { RequestPipeline } from "../../../../src/adapters/http/RequestPipeline.ts"
import { RouteTable } from "../../../../src/adapters/http/RouteTable.ts"
import { RateLimits } from "../../../../src/domain/shared/RateLimits.ts"
import { apis } from "../../../../src/Routes.ts"
import { socketChannels } from "../../../../src/SocketChannels.ts"

/** The documentation pages alone, on a port of their own. */
export const DocsServer = HttpServer(
  DocsRoutes(apis, { publicUrl: "https://rookery.example/?a=<b>&c", sockets: socketChannels }).pipe(
    Layer.provideMerge(RequestPipeline({ development: true, trustedProxies: 0, corsOrigins: [] }))
  ),
  { host: "127.0.0.1", port: 0 }
).pipe(
  Layer.provide([
    RouteTable.layer(docsPaths),
    SecureRandom.layerWebCrypto,
    Layer.succeed(RateLimits, { consume: () => Effect.succeed(undefined) })
  ])
)

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  /** As it came over the wire, still encoded. */
  readonly body: Buffer
}

/** Asks the server of the surrounding layer, and decodes nothing. */
export const ask = Effect.fn(function* (path: string, headers: Record<string, string> = {}, method = "GET") {
  const { address } = yield* Server.HttpServer
  const port = "port" in address ? Number(address.port) : 0
  return yield* Effect.callback<Answer>((resume) => {
    request({ host: "127.0.0.1", port, path, method, headers }, (response) => {
      const chunks: Array<Buffer> = []
      response.on("data", (chunk: Buffer) => chunks.push(chunk))
      response.on("end", () =>
        resume(
          Effect.succeed({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks)
          })
        )
      )
    })
      .on("error", (error) => resume(Effect.die(error)))
      .end()
  })
})
