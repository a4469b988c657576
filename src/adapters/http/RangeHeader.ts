import type { BlobRange } from "../../domain/shared/BlobRange.ts"
import { matchesStrongly } from "./EntityTag.ts"

/** One range of bytes. More digits than these count no bytes of anything. */
const oneRange = /^bytes *= *(?:(\d{1,15})-(\d{1,15})?|-(\d{1,15})) *$/i

/** What of a blob is asked for; undefined where all of it is: by no range, by several, or by none that makes sense. */
const rangeIn = (header: string): BlobRange | undefined => {
  const [found, first, last, suffix] = oneRange.exec(header) ?? []
  if (found === undefined) return undefined
  if (suffix !== undefined) return { suffix: Number(suffix) }
  const range = { first: Number(first), last: last === undefined ? undefined : Number(last) }
  return range.last !== undefined && range.last < range.first ? undefined : range
}

export interface RangeHeaders {
  readonly range?: string | undefined
  readonly "if-range"?: string | undefined
}

/**
 * What a GET asks for of the blob with this entity tag, without its quotes (RFC 9110, 14.2). Several ranges are passed
 * over, as a server may; so is a range where `If-Range` names another tag, or a date, which is no strong validator here.
 */
export const requestedRange = (headers: RangeHeaders, etag?: string): BlobRange | undefined => {
  const condition = headers["if-range"]?.trim()
  const isAsked = condition === undefined || (etag !== undefined && matchesStrongly([condition], `"${etag}"`))
  return headers.range !== undefined && isAsked ? rangeIn(headers.range) : undefined
}
