import { DateTime, Duration, Effect, Option, Schema } from "effect"
import { HttpServerRequest, HttpServerResponse } from "effect/http"
import { createHash } from "node:crypto"
import type { Keeping } from "../../application/shared/OnceOnly.ts"
import {
  IdempotencyKey,
  type KeptResponse,
  type KeyedRequest,
  type KeyInUse
} from "../../domain/shared/IdempotencyKeys.ts"
import { CurrentSession } from "./Authorization.ts"
import { dialectOf } from "./Dialects.ts"

const decodeKey = Schema.decodeOption(IdempotencyKey)

/** The same path with and without its slash at the end, as the router has it. */
const target = (url: string): string => url.replace(/\/(?=$|\?)/, "")

/**
 * What the request's `Idempotency-Key` makes of it: undefined without one, none where it is malformed. `body` is all that
 * tells it from another request to the same path.
 */
export const keyedRequest = Effect.fnUntraced(function* (body: Uint8Array) {
  const { headers, method, url } = yield* HttpServerRequest.HttpServerRequest
  const { accountId } = yield* CurrentSession
  const header = headers["idempotency-key"]
  if (header === undefined) return undefined
  return Option.map(decodeKey(header), (key): KeyedRequest => {
    const fingerprint = createHash("sha256")
      .update(`${method} ${target(url)}\n`)
      .update(body)
      .digest()
    return { owner: accountId, key, fingerprint: new Uint8Array(fingerprint) }
  })
})

/** Text answers that are 2xx are given again to the byte. */
export const keptResponses: Keeping<HttpServerResponse.HttpServerResponse> = {
  keep: ({ body, headers, status }): KeptResponse | undefined =>
    status >= 200 && status < 300 && body._tag === "Uint8Array"
      ? { status, headers: { ...headers }, body: body.text ?? new TextDecoder().decode(body.body) }
      : undefined,
  again: ({ body, headers, status }) => {
    const { "content-type": contentType = "application/json", ...others } = headers
    return HttpServerResponse.text(body, { status, contentType, headers: { ...others, "idempotent-replayed": "true" } })
  }
}

/** What whoever sends a request again too early is told: by when it is answered, or may be acted on by another. */
export const answerUnderWay = Effect.fnUntraced(function* ({ heldUntil }: KeyInUse) {
  const { url } = yield* HttpServerRequest.HttpServerRequest
  const left = DateTime.distance(yield* DateTime.now, heldUntil)
  return HttpServerResponse.setHeader(
    dialectOf(url).render({ status: 409, message: "A request with this Idempotency-Key is being answered right now" }),
    "retry-after",
    String(Math.max(1, Math.ceil(Duration.toSeconds(left))))
  )
})
