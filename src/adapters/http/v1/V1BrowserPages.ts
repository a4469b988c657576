import { Effect, Layer } from "effect"
import { HttpServerRequest, HttpServerResponse, UrlParams } from "effect/http"
import { prefersPage } from "../Accept.ts"
import { isProblem, type Problem } from "./V1Errors.ts"
import { BrowserPages } from "./V1Middleware.ts"
import { failurePage, passwordPage, successPage } from "./V1Pages.ts"

const discreet = { "cache-control": "no-store", "referrer-policy": "no-referrer", vary: "Accept" }

const isForm = ({ headers }: HttpServerRequest.HttpServerRequest): boolean =>
  /^application\/x-www-form-urlencoded\b/i.test(headers["content-type"] ?? "")

/** The token of a form that was filled in, so that it can be shown again. */
const tokenOf = (request: HttpServerRequest.HttpServerRequest) =>
  isForm(request) ? Effect.map(Effect.orDie(request.urlParamsBody), UrlParams.getFirst("token")) : Effect.succeedNone

const pageOf = Effect.fnUntraced(function* (
  request: HttpServerRequest.HttpServerRequest,
  { detail, errors = [], status }: Problem
) {
  const token = yield* tokenOf(request)
  const again = token._tag === "Some" && errors.length > 0 && errors.every(({ field }) => field === "password")
  return again ? passwordPage({ status, token: token.value, complaint: detail }) : failurePage(status, detail)
})

/** What a link or form has done, and what comes next: a page for a browser, JSON for programs. */
export const done = (what: string, next: string) =>
  Effect.map(HttpServerRequest.HttpServerRequest, ({ headers }) =>
    prefersPage(headers.accept)
      ? successPage(what, next)
      : HttpServerResponse.jsonUnsafe({ message: `${what}. ${next}` })
  )

export const BrowserPagesLive = Layer.succeed(
  BrowserPages,
  Effect.fnUntraced(function* (app) {
    const request = yield* HttpServerRequest.HttpServerRequest
    const answer = Effect.catch(app, (error) =>
      prefersPage(request.headers.accept) && isProblem(error) ? pageOf(request, error) : Effect.fail(error)
    )
    return HttpServerResponse.setHeaders(yield* answer, discreet)
  })
)
