import { Duration, Effect } from "effect"
import type { HttpServerRequest } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { MediaLibrary } from "../../../application/talk/MediaLibrary.ts"
import type { BlobStoreUnavailable } from "../../../domain/shared/BlobStore.ts"
import type { MediaId } from "../../../domain/talk/Media.ts"
import { namedMedia } from "../../../domain/talk/MediaFormat.ts"
import { CurrentSession } from "../Authorization.ts"
import { fileOf, type FormFileRefused } from "../FormFile.ts"
import { requestedRange } from "../RangeHeader.ts"
import { TalkApi } from "./TalkApi.ts"
import { clip, type ClipHeaders, isKnown, noSuchRange, withoutBytes } from "./TalkClip.ts"
import { BadRequest, Unavailable } from "./TalkErrors.ts"
import { noMedia, withoutNumber } from "./TalkRefusals.ts"
import { tooLarge } from "./TalkUpload.ts"

const formProblems: Record<Exclude<FormFileRefused["why"], "tooLarge">, string> = {
  malformed: "The request body is not valid multipart/form-data",
  tooMuch: "The request body has more in it than a file",
  noFile: "file must be a file",
  repeated: "file must be sent once",
  missing: "file is required"
}

const tooManyUnsent = (most: number) =>
  `You have ${most} clips that you have not sent. Send one of them first, or wait: they are removed after a day`

const unavailable = ({ reason }: BlobStoreUnavailable) =>
  Effect.andThen(
    Effect.logError(`The blob store is unavailable: ${reason}`),
    Effect.fail(Unavailable.of("Clips can't be stored or fetched right now. Try again in a while."))
  )

export const TalkMediaHandlers = HttpApiBuilder.group(
  TalkApi,
  "media",
  Effect.fn(function* (handlers) {
    const library = yield* MediaLibrary

    const download = Effect.fnUntraced(
      function* (id: MediaId, headers: ClipHeaders, request: HttpServerRequest.HttpServerRequest) {
        const { accountId } = yield* CurrentSession
        // A range is defined for GET alone (RFC 9110, 14.2).
        const isHead = request.method === "HEAD"
        if (isHead || headers["if-none-match"] !== undefined || headers["if-range"] !== undefined) {
          const described = yield* library.describe(accountId, id)
          if (isHead || isKnown(headers, described.info)) return withoutBytes(headers, described.info)
          return yield* Effect.map(library.open(accountId, id, requestedRange(headers, described.info.etag)), clip)
        }
        return yield* Effect.map(library.open(accountId, id, requestedRange(headers)), clip)
      },
      Effect.catchTags({
        ...withoutNumber,
        MediaNotFound: () => Effect.fail(noMedia()),
        BlobRangeUnsatisfiable: noSuchRange,
        BlobStoreUnavailable: unavailable
      })
    )

    return handlers.handleAll({
      uploadMedia: Effect.fnUntraced(
        function* ({ payload, query }) {
          const { accountId } = yield* CurrentSession
          const named = namedMedia(query.media_type)
          if (named === undefined) return yield* BadRequest.of("media_type is not valid")
          const { duration, id } = yield* library.upload(accountId, named, fileOf("file", payload))
          return { success: true, id, duration: duration === null ? null : Duration.toSeconds(duration) } as const
        },
        Effect.catchTags({
          ...withoutNumber,
          FormFileRefused: ({ why }) => Effect.fail(why === "tooLarge" ? tooLarge() : BadRequest.of(formProblems[why])),
          MediaRefused: ({ reason }) => Effect.fail(BadRequest.of(`The file ${reason}`)),
          MediaTooLarge: () => Effect.fail(tooLarge()),
          TooManyUnsent: ({ most }) => Effect.fail(BadRequest.of(tooManyUnsent(most))),
          BlobStoreUnavailable: unavailable
        })
      ),
      downloadMedia: ({ headers, query, request }) => download(query.media_content_id, headers, request),
      downloadMediaById: ({ headers, params, request }) => download(params.media_content_id, headers, request)
    })
  })
)
