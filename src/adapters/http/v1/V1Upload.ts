import { Effect, Layer } from "effect"
import { HttpIncomingMessage, HttpServerRequest } from "effect/http"
import { dialectOf } from "../Dialects.ts"
import { checkBody } from "../RequestChecks.ts"
import { uploadLimits } from "./V1AvatarApi.ts"
import { Upload } from "./V1Middleware.ts"
import { invalidField } from "./V1Validation.ts"

export const tooLarge = () => invalidField("file", "must be at most 5 MB")

export const UploadLive = Layer.succeed(
  Upload,
  Effect.fnUntraced(function* (app) {
    const { headers, url } = yield* HttpServerRequest.HttpServerRequest
    if (!/^multipart\/form-data *(?:;|$)/i.test(headers["content-type"] ?? "")) {
      return dialectOf(url).render({ status: 415, message: "The request body must be multipart/form-data" })
    }
    if (Number(headers["content-length"] ?? 0) > Number(uploadLimits.maxTotalSize)) return yield* tooLarge()
    return yield* Effect.provideService(checkBody(app), HttpIncomingMessage.MaxBodySize, uploadLimits.maxTotalSize)
  })
)
