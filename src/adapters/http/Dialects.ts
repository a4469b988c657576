import { HttpServerResponse } from "effect/http"
import { problemDetails, problemType } from "./ProblemDetails.ts"

/** How a family of routes says that something is wrong. */
export interface ErrorDialect {
  readonly render: (error: {
    readonly status: number
    readonly message: string
    /** For developers only, in development only. */
    readonly detail?: string
  }) => HttpServerResponse.HttpServerResponse
}

const json = (status: number, body: object, contentType = "application/json") =>
  HttpServerResponse.text(JSON.stringify(body), { status, contentType })

const classic: ErrorDialect = {
  render: ({ detail, message, status }) => json(status, { error: message, detail })
}

const v1: ErrorDialect = {
  render: ({ detail, message, status }) => json(status, problemDetails(status, detail ?? message), problemType)
}

const talk: ErrorDialect = {
  render: ({ detail, message, status }) => json(status, { success: false, message, detail })
}

/** The dialect of a path, also of one that leads nowhere. */
export const dialectOf = (url: string): ErrorDialect =>
  /^\/+api\/+v1(?:[/?#]|$)/.test(url) ? v1 : /^\/+(?:api|rpc)(?:[/?#]|$)/.test(url) ? talk : classic
