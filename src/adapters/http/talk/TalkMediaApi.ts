import { ByteSize, Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { knownHeaders } from "../RequestHeaders.ts"
import { NotFound, RangeNotSatisfiable, Unavailable } from "./TalkErrors.ts"
import { operations } from "./TalkMessageOperations.ts"
import { mediaParams, mediaQuery, MediaUploaded, MediaUploadForm, uploadQuery } from "./TalkMessageSchemas.ts"
import { Authorization, MediaAuthorization, MediaUpload } from "./TalkMiddleware.ts"

/** Of a body with one clip of 100 MB and whatever else a form sends along. Of the clip the use case sees to itself. */
export const uploadLimits = {
  maxParts: 16,
  maxFieldSize: ByteSize.kibibytes(64),
  maxTotalSize: ByteSize.mebibytes(101)
}

const header = (description: string, example: string) => Schema.String.annotate({ description, examples: [example] })

const etag = header("Changes whenever the clip does", '"c3rH0Qj1mWqk0w2mB7lZ5eVYx8A"')
const whole = { etag, "accept-ranges": header("What ranges can be asked for", "bytes") }
const part = { ...whole, "content-range": header("Which part this is, and of how many bytes", "bytes 0-1023/48213") }

const clip = HttpApiSchema.StreamUint8Array({ contentType: ["audio/*", "video/*"] })
/** The framework has one stream for each endpoint. */
const partOfClip = Schema.Uint8Array.pipe(HttpApiSchema.asUint8Array({ contentType: "*/*" })).annotate({
  description: "A part of the clip"
})

const downloaded = {
  headers: {
    ...knownHeaders,
    range: Schema.optionalKey(Schema.String),
    "if-range": Schema.optionalKey(Schema.String)
  },
  success: [
    HttpApiSchema.WithHeaders(clip, whole),
    HttpApiSchema.WithHeaders(partOfClip.pipe(HttpApiSchema.status(206)), part),
    HttpApiSchema.WithHeaders(HttpApiSchema.Empty(304).annotate({ description: "It is as `If-None-Match` knows it" }), {
      etag
    })
  ],
  error: [NotFound.schema, RangeNotSatisfiable.schema, Unavailable.schema]
} as const

/** Shares its tag with messages. */
export class TalkMediaGroup extends HttpApiGroup.make("media", { topLevel: true })
  .add(
    HttpApiEndpoint.post("uploadMedia", "/messages/upload_media", {
      query: uploadQuery,
      payload: MediaUploadForm.pipe(HttpApiSchema.asMultipartStream(uploadLimits)),
      success: MediaUploaded,
      error: Unavailable.schema
    })
      .middleware(MediaUpload)
      .middleware(Authorization)
      .annotateMerge(operations.uploadMedia),
    HttpApiEndpoint.get("downloadMedia", "/messages/media", { query: mediaQuery, ...downloaded })
      .middleware(MediaAuthorization)
      .annotateMerge(operations.downloadMedia),
    HttpApiEndpoint.get("downloadMediaById", "/messages/media/:media_content_id", {
      params: mediaParams,
      ...downloaded
    })
      .middleware(MediaAuthorization)
      .annotateMerge(operations.downloadMediaById)
  )
  .prefix("/api")
  .annotateMerge(
    OpenApi.annotations({ title: "messages", description: "Messages between friends, and the clips in them" })
  ) {}
