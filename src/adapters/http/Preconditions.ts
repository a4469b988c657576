import { Result } from "effect"
import { matchesStrongly, matchesWeakly, type TagCondition, tagCondition } from "./EntityTag.ts"

export interface ConditionalHeaders {
  readonly "if-match"?: string
  readonly "if-none-match"?: string
}

/** Under which a request is to be acted on (RFC 9110, 13.1). */
export interface Preconditions {
  readonly ifMatch: TagCondition | undefined
  readonly ifNoneMatch: TagCondition | undefined
}

/** Fails with the name of a header that is malformed. */
export const preconditions = (headers: ConditionalHeaders): Result.Result<Preconditions, string> => {
  const ifMatch = parsed(headers["if-match"])
  const ifNoneMatch = parsed(headers["if-none-match"])
  if (ifMatch === "malformed") return Result.fail("If-Match")
  if (ifNoneMatch === "malformed") return Result.fail("If-None-Match")
  return Result.succeed({ ifMatch, ifNoneMatch })
}

const parsed = (header: string | undefined): TagCondition | "malformed" | undefined =>
  header === undefined ? undefined : (tagCondition(header) ?? "malformed")

const failsMatch = ({ ifMatch }: Preconditions, tag: string): boolean =>
  ifMatch !== undefined && !matchesStrongly(ifMatch, tag)

const isKnown = ({ ifNoneMatch }: Preconditions, tag: string): boolean =>
  ifNoneMatch !== undefined && matchesWeakly(ifNoneMatch, tag)

/** What a GET answers with while the resource has this tag (RFC 9110, 13.2.2). */
export const readStatus = (conditions: Preconditions, tag: string): 200 | 304 | 412 =>
  failsMatch(conditions, tag) ? 412 : isKnown(conditions, tag) ? 304 : 200

/** Whether the resource may be changed while it has this tag; 412 where it may not. */
export const mayChange = (conditions: Preconditions, tag: string): boolean =>
  !failsMatch(conditions, tag) && !isKnown(conditions, tag)
