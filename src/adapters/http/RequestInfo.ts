import { Context } from "effect"
import type { Allowance } from "../../domain/shared/RateLimits.ts"

/** What is known of the request under way. One object for each request, filled in as it passes through. */
export interface RequestState {
  readonly id: string
  /** What its limits are counted by. */
  readonly limitKey: string
  /** The template of its route, once it has been found. */
  route: string | undefined
  /** What it used up, by the names of the limits. */
  readonly allowances: Map<string, Allowance>
}

/** A reference, so that no route has to ask for it; outside of a request it is nobody's. */
export const RequestInfo = Context.Reference<RequestState>("rookery/adapters/http/RequestInfo", {
  defaultValue: () => ({ id: "none", limitKey: "none", route: undefined, allowances: new Map() })
})
