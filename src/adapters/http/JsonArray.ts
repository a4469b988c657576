import { Option, Stream } from "effect"
import { HttpServerResponse } from "effect/http"
import type { Listing } from "../../domain/shared/Listing.ts"

/**
 * A JSON array of any length in constant memory: a list of one page goes out as one piece, a longer one as a stream
 * that fetches its next page when the last has been read.
 */
export const jsonArray = <A>(listing: Listing<A>, encode: (item: A) => unknown) => {
  const items = (page: ReadonlyArray<A>) => page.map((item) => JSON.stringify(encode(item))).join(",")
  const head = `[${items(listing.first)}`
  if (Option.isNone(listing.rest)) return HttpServerResponse.text(`${head}]`, { contentType: "application/json" })
  const rest = Stream.map(listing.rest.value, (page) => (page.length === 0 ? "" : `,${items(page)}`))
  return HttpServerResponse.stream(
    Stream.make(head).pipe(Stream.concat(rest), Stream.concat(Stream.make("]")), Stream.encodeText),
    { contentType: "application/json" }
  )
}
