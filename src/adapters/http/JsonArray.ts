import { Cause, Effect, Option, Stream } from "effect"
import { HttpServerResponse } from "effect/http"
import type { Listing } from "../../domain/shared/Listing.ts"
import { RequestInfo } from "./RequestInfo.ts"

/**
 * A JSON array of any length in constant memory: a list of one page goes out as one piece, a longer one as a stream
 * that fetches its next page when the last has been read.
 */
export const jsonArray = Effect.fnUntraced(function* <A>(listing: Listing<A>, encode: (item: A) => unknown) {
  const items = (page: ReadonlyArray<A>) => page.map((item) => JSON.stringify(encode(item))).join(",")
  const head = `[${items(listing.first)}`
  if (Option.isNone(listing.rest)) return HttpServerResponse.text(`${head}]`, { contentType: "application/json" })
  // By then the answer has begun and the pipeline is through with it: all that is left is to cut it off, and to say why.
  const request = yield* RequestInfo
  const rest = listing.rest.value.pipe(
    Stream.map((page) => (page.length === 0 ? "" : `,${items(page)}`)),
    Stream.tapCause((cause) =>
      Cause.hasInterruptsOnly(cause)
        ? Effect.void
        : Effect.logError("Request failed in the middle of its answer", cause).pipe(
            Effect.annotateLogs({ requestId: request.id, route: request.route ?? "unmatched" })
          )
    )
  )
  return HttpServerResponse.stream(
    Stream.make(head).pipe(Stream.concat(rest), Stream.concat(Stream.make("]")), Stream.encodeText),
    { contentType: "application/json" }
  )
})
