import { Duration, Effect, Layer, Option, Schedule, Schema } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { Outbox } from "../../domain/events/Outbox.ts"
import { DevOutbox, UnsentMessage } from "../../domain/shared/DevOutbox.ts"
import { dialectOf } from "./Dialects.ts"
import { isFromThisMachine } from "./Loopback.ts"
import { RequestInfo } from "./RequestInfo.ts"
import { statusMessage } from "./StatusName.ts"

const path = "/dev/outbox"
const allow = "GET, HEAD, OPTIONS"

const { createdAt: _, ...fields } = UnsentMessage.fields
const Listed = Schema.Array(Schema.Struct({ ...fields, created_at: Schema.DateTimeUtcFromString }))
const encode = Schema.encodeSync(Schema.fromJsonString(Listed))

/** A form's `+` is a space, which no address and no number has: it was meant. */
const recipient = (to: string | ReadonlyArray<string> | undefined): string | undefined => {
  const text = typeof to === "string" ? to : to?.at(-1)
  return text === undefined || text.trim() === "" ? undefined : text.replaceAll(" ", "+")
}

/** A relay holds what it is about to bring for no longer; what was put off for longer nobody waits for. */
const soon = Duration.seconds(5)

/** Who registers and looks here at once finds what the relays are about to bring: it is waited for, 2 seconds at most. */
const settled = (outbox: Outbox["Service"]) =>
  Effect.all([outbox.untilDue("mail"), outbox.untilDue("sms")]).pipe(
    Effect.map((times) => times.some(Option.exists(Duration.isLessThanOrEqualTo(soon)))),
    Effect.repeat({ schedule: Schedule.spaced("10 millis"), while: (isUnderWay) => isUnderWay }),
    Effect.timeoutOption("2 seconds")
  )

export interface DevRoutesOptions {
  readonly trustedProxies: number
}

/**
 * `GET /dev/outbox?to=`: what would have gone out by mail or SMS, the newest first. It holds whatever opens accounts, so
 * that it is for this machine alone; to everybody else there is no such route. Not for production.
 */
export const DevRoutes = ({ trustedProxies }: DevRoutesOptions) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const owed = yield* Outbox
      const outbox = yield* DevOutbox
      // Every method, or the Allow of a 405 would tell of it.
      return HttpRouter.add(
        "*",
        path,
        Effect.gen(function* () {
          const request = yield* HttpServerRequest.HttpServerRequest
          const refuse = (status: number) => dialectOf(request.url).render({ status, message: statusMessage(status) })
          if (!isFromThisMachine(request, trustedProxies)) return refuse(404)
          const info = yield* RequestInfo
          info.route = path
          if (request.method === "OPTIONS") return HttpServerResponse.empty({ status: 204, headers: { allow } })
          if (request.method !== "GET" && request.method !== "HEAD") {
            return HttpServerResponse.setHeader(refuse(405), "allow", allow)
          }
          const { to } = yield* HttpServerRequest.ParsedSearchParams
          yield* settled(owed)
          const messages = yield* outbox.list(recipient(to))
          const listed = messages.map(({ createdAt, ...message }) => ({ ...message, created_at: createdAt }))
          return HttpServerResponse.text(encode(listed), {
            contentType: "application/json",
            headers: { "cache-control": "no-store" }
          })
        })
      )
    })
  )
