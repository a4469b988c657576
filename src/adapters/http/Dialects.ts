import { STATUS_CODES } from "node:http"
import { HttpServerResponse } from "effect/http"

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
  render: ({ detail, message, status }) =>
    json(
      status,
      { type: "about:blank", title: STATUS_CODES[status] ?? "Error", status, detail: detail ?? message },
      "application/problem+json"
    )
}

const talk: ErrorDialect = {
  render: ({ detail, message, status }) => json(status, { success: false, message, detail })
}

/** The dialect of a path, also of one that leads nowhere. */
export const dialectOf = (url: string): ErrorDialect =>
  /^\/+api\/+v1(?:[/?#]|$)/.test(url) ? v1 : /^\/+api(?:[/?#]|$)/.test(url) ? talk : classic

/** What a status says where nobody has said it better. */
export const statusMessage = (status: number): string => messages[status] ?? STATUS_CODES[status] ?? "Error"

const messages: Record<number, string> = {
  400: "The request could not be read",
  404: "Not found",
  405: "Method not allowed",
  408: "The request took too long to arrive",
  413: "The request body is too large",
  415: "Unsupported content type",
  417: "Only 100-continue can be expected",
  429: "Too many requests",
  431: "The request headers are too large",
  500: "An unexpected error occurred",
  503: "The server is shutting down"
}
