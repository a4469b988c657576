import { Effect } from "effect"
import { HttpServerRequest, HttpServerResponse } from "effect/http"
import { createHash } from "node:crypto"
import { promisify } from "node:util"
import { brotliCompress, constants, gzip } from "node:zlib"

export interface StaticContentOptions {
  /** With its charset, where it is text. */
  readonly contentType: string
  readonly cacheControl: string
  readonly headers?: Readonly<Record<string, string>>
}

/** In the order of the server's liking. */
const encodings = ["br", "gzip"] as const
type Encoding = (typeof encodings)[number]

/** What is smaller than this is not worth its compression. */
const minimumBytes = 1024

const brotli = promisify(brotliCompress)
const zip = promisify(gzip)

// The level that one request can wait for: 0.1 s for the largest file, where the best takes seconds.
const compress: Record<Encoding, (bytes: Uint8Array) => Promise<Uint8Array>> = {
  br: (bytes) =>
    brotli(bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.byteLength }
    }),
  gzip: (bytes) => zip(bytes)
}

/** The encoding that the client likes and the server likes best (RFC 9110, 12.5.3); undefined is none. */
export const acceptedEncoding = (accept: string | undefined): Encoding | undefined => {
  const wanted = new Map<string, number>()
  for (const item of (accept ?? "").split(",")) {
    const [name = "", ...parameters] = item.split(";").map((part) => part.trim().toLowerCase())
    const quality = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2) ?? "1"
    wanted.set(name, Number(quality))
  }
  const any = wanted.get("*") ?? 0
  return encodings.find((encoding) => (wanted.get(encoding) ?? any) > 0)
}

/** Whether the client has it already (RFC 9110, 13.1.2). */
const matches = (ifNoneMatch: string | undefined, etag: string): boolean =>
  ifNoneMatch?.split(",").some((item) => item.trim() === "*" || item.trim().replace(/^W\//, "") === etag) ?? false

/**
 * An answer that is always the same. It is loaded at the first request for it, and compressed at the first that takes
 * it compressed; both are kept.
 */
export const staticContent = Effect.fnUntraced(function* (
  load: Effect.Effect<string | Uint8Array>,
  { cacheControl, contentType, headers = {} }: StaticContentOptions
) {
  const plain = yield* Effect.cached(
    Effect.map(load, (content) => {
      const body = typeof content === "string" ? new TextEncoder().encode(content) : content
      return { body, tag: createHash("sha256").update(body).digest("base64url").slice(0, 22) }
    })
  )
  const compressed = (encoding: Encoding) =>
    Effect.cached(Effect.flatMap(plain, ({ body }) => Effect.promise(() => compress[encoding](body))))
  const variants = { br: yield* compressed("br"), gzip: yield* compressed("gzip") }

  return Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const { body, tag } = yield* plain
    const worthwhile = body.byteLength >= minimumBytes
    const encoding = worthwhile ? acceptedEncoding(request.headers["accept-encoding"]) : undefined
    const etag = encoding === undefined ? `"${tag}"` : `"${tag}-${encoding}"`
    const validity = {
      etag,
      "cache-control": cacheControl,
      ...(worthwhile ? { vary: "Accept-Encoding" } : {})
    }
    if (matches(request.headers["if-none-match"], etag)) {
      return HttpServerResponse.empty({ status: 304, headers: validity })
    }
    return HttpServerResponse.uint8Array(encoding === undefined ? body : yield* variants[encoding], {
      contentType,
      headers: {
        ...headers,
        ...validity,
        ...(encoding === undefined ? {} : { "content-encoding": encoding })
      }
    })
  })
})
