import type { Effect, Scope } from "effect"
import type { BenchError } from "../BenchError.ts"
import type { HttpRequest } from "./HttpRequest.ts"

export interface Drive {
  /** Of the server. */
  readonly url: string
  /** Seconds; more than 0. */
  readonly seconds: number
  /** Kept open side by side, each with one request under way. */
  readonly connections: number
  /** Where in the requests to begin. */
  readonly offset: number
}

export interface Driven {
  readonly requests: number
  /** That it took, in fact. */
  readonly seconds: number
  /** In milliseconds. */
  readonly p50: number
  readonly p99: number
  /** Answers of another status than a success, and requests that were not answered. */
  readonly failed: number
}

/** Sends requests over and over, as fast as they are answered. */
export interface LoadGenerator {
  readonly name: string
  readonly prepare: (
    requests: ReadonlyArray<HttpRequest>
  ) => Effect.Effect<(drive: Drive) => Effect.Effect<Driven, BenchError>, BenchError, Scope.Scope>
}
