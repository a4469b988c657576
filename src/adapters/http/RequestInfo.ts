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

export class RequestInfo extends Context.Service<RequestInfo, RequestState>()("rookery/adapters/http/RequestInfo") {}
