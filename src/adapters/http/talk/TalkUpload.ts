import { Effect, Layer } from "effect"
import { HttpIncomingMessage, HttpServerRequest } from "effect/http"
import { allowSlowBody } from "../BodyDeadline.ts"
import { checkBody } from "../RequestChecks.ts"
import { BadRequest, TooLarge } from "./TalkErrors.ts"
import { uploadLimits } from "./TalkMediaApi.ts"
import { MediaUpload } from "./TalkMiddleware.ts"

export const tooLarge = () => TooLarge.of("The file must be at most 100 MB")

/** Whoever comes so far may take his time: 100 MB do not come in half a minute over every network. */
export const MediaUploadLive = Layer.succeed(
  MediaUpload,
  Effect.fnUntraced(function* (app) {
    const request = yield* HttpServerRequest.HttpServerRequest
    if (!/^multipart\/form-data *(?:;|$)/i.test(request.headers["content-type"] ?? "")) {
      return yield* BadRequest.of("The request body must be multipart/form-data")
    }
    if (Number(request.headers["content-length"] ?? 0) > Number(uploadLimits.maxTotalSize)) return yield* tooLarge()
    allowSlowBody(request)
    return yield* Effect.provideService(checkBody(app), HttpIncomingMessage.MaxBodySize, uploadLimits.maxTotalSize)
  })
)
