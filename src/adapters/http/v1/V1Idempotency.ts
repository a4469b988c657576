import { Effect, Layer, Option } from "effect"
import { HttpServerRequest, type HttpServerResponse } from "effect/http"
import { OnceOnly } from "../../../application/shared/OnceOnly.ts"
import { AccountNotFound } from "../../../domain/accounts/Account.ts"
import { KeyInUse, KeyReused } from "../../../domain/shared/IdempotencyKeys.ts"
import { answerUnderWay, keptResponses, keyedRequest } from "../IdempotentRequests.ts"
import { Idempotent } from "./V1Middleware.ts"
import { invalidToken } from "./V1Refusals.ts"
import { invalidField } from "./V1Validation.ts"

const field = "Idempotency-Key"

type Answer<E, R> = Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>

/** `act` under the key of the request, as `once` has it; without a key, just `act`. `body` tells it from other requests. */
export const once = Effect.fnUntraced(function* <E, R>(
  make: OnceOnly["Service"]["atomically"],
  body: Uint8Array,
  act: Answer<E, R>
) {
  const keyed = yield* keyedRequest(body)
  if (keyed === undefined) return yield* act
  if (Option.isNone(keyed)) return yield* invalidField(field, "must be 1 to 255 printable ASCII characters")
  return yield* make(keyed.value, keptResponses, act).pipe(
    Effect.catchIf((error) => error instanceof KeyInUse, answerUnderWay),
    Effect.catchIf(
      (error) => error instanceof KeyReused,
      () => Effect.fail(invalidField(field, "was used for another request before"))
    ),
    Effect.catchIf(
      (error) => error instanceof AccountNotFound,
      () => Effect.fail(invalidToken())
    )
  )
})

export const IdempotentLive = Layer.effect(
  Idempotent,
  Effect.map(OnceOnly, ({ atomically }) =>
    Idempotent.of((app) =>
      HttpServerRequest.HttpServerRequest.use((request) =>
        request.headers["idempotency-key"] === undefined
          ? app
          : Effect.flatMap(Effect.orDie(request.arrayBuffer), (body) => once(atomically, new Uint8Array(body), app))
      )
    )
  )
)
