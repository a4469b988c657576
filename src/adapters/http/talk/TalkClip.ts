import { Effect, Stream } from "effect"
import { HttpServerRequest, HttpServerResponse } from "effect/http"
import type { OpenMedia } from "../../../application/talk/MediaLibrary.ts"
import type { BlobInfo, BlobRangeUnsatisfiable } from "../../../domain/shared/BlobStore.ts"
import { dialectOf } from "../Dialects.ts"
import { matchesWeakly, tagCondition } from "../EntityTag.ts"
import type { RangeHeaders } from "../RangeHeader.ts"

export interface ClipHeaders extends RangeHeaders {
  readonly "if-none-match"?: string | undefined
}

/**
 * Whatever was uploaded, it is a clip and no page. It never changes; but who may see it does, and a token may be in its
 * URL, so that it is kept in no cache that is shared, and in the client's own only to be asked for again.
 */
const headersOf = ({ etag }: BlobInfo) => ({
  etag: `"${etag}"`,
  "accept-ranges": "bytes",
  "cache-control": "private, no-cache",
  "content-disposition": "inline",
  "content-security-policy": "default-src 'none'",
  "referrer-policy": "no-referrer"
})

/** Whether the client has it already. */
export const isKnown = (headers: ClipHeaders, { etag }: BlobInfo): boolean =>
  matchesWeakly(tagCondition(headers["if-none-match"] ?? "") ?? [], `"${etag}"`)

/** What is told of a clip that is not sent: 304 where it is known, and what a GET would say of itself where it is not. */
export const withoutBytes = (headers: ClipHeaders, info: BlobInfo) =>
  isKnown(headers, info)
    ? HttpServerResponse.empty({ status: 304, headers: headersOf(info) })
    : HttpServerResponse.stream(Stream.empty, {
        headers: headersOf(info),
        contentType: info.contentType,
        contentLength: info.size
      })

/** The clip, or the part of it that was opened. */
export const clip = ({ blob: { info, span, stream } }: OpenMedia) => {
  const headers = headersOf(info)
  const { contentType, size } = info
  if (span === undefined) return HttpServerResponse.stream(stream, { headers, contentType, contentLength: size })
  const { first, last } = span
  return HttpServerResponse.stream(stream, {
    status: 206,
    headers: { ...headers, "content-range": `bytes ${first}-${last}/${size}` },
    contentType,
    contentLength: last - first + 1
  })
}

/** 416 says how much there is (RFC 9110, 15.5.17). */
export const noSuchRange = ({ size }: BlobRangeUnsatisfiable) =>
  Effect.map(HttpServerRequest.HttpServerRequest, ({ url }) =>
    HttpServerResponse.setHeader(
      dialectOf(url).render({ status: 416, message: "There is no byte of that range" }),
      "content-range",
      `bytes */${size}`
    )
  )
