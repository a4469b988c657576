import { ByteSize, Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { described } from "../ApiDocs.ts"
import { keyedHeaders, knownHeaders } from "../RequestHeaders.ts"
import { V1Account } from "./V1AccountSchemas.ts"
import { etag, notModified, replayed } from "./V1AnswerHeaders.ts"
import { operations } from "./V1AvatarOperations.ts"
import { Conflict, NotFound, Unavailable } from "./V1Errors.ts"
import { Authorization, Upload } from "./V1Middleware.ts"

/** Of a body with one picture of 5 MB and whatever else a form sends along. Of the picture the use case sees to itself. */
export const uploadLimits = {
  maxParts: 16,
  maxFieldSize: ByteSize.kibibytes(64),
  maxTotalSize: ByteSize.mebibytes(6)
}

const AvatarUpload = described(Schema.Struct({ file: Schema.String }), {
  name: "V1AvatarUpload",
  description: "A picture",
  members: { file: { format: "binary", description: "JPEG, PNG, GIF or WebP, at most 5 MB; told by its bytes" } }
})

const Picture = Schema.Uint8Array.pipe(HttpApiSchema.asUint8Array({ contentType: "image/webp" }))

/** Shares its tag with the rest of one's own account. */
export class V1AvatarGroup extends HttpApiGroup.make("avatars", { topLevel: true })
  .add(
    HttpApiEndpoint.post("uploadAvatar", "/users/me/avatar", {
      headers: keyedHeaders,
      payload: AvatarUpload.pipe(HttpApiSchema.asMultipartStream(uploadLimits)),
      success: HttpApiSchema.WithHeaders(V1Account, replayed),
      error: [Conflict.schema, Unavailable.schema]
    })
      .middleware(Upload)
      .middleware(Authorization)
      .annotateMerge(operations.uploadAvatar),
    HttpApiEndpoint.get("showAvatar", "/avatars/:avatar_id", {
      params: { avatar_id: Schema.String },
      headers: knownHeaders,
      success: [HttpApiSchema.WithHeaders(Picture, { etag }), notModified],
      error: [NotFound.schema, Unavailable.schema]
    }).annotateMerge(operations.showAvatar)
  )
  .prefix("/api/v1")
  .annotateMerge(OpenApi.annotations({ title: "users", description: "One's own account" })) {}
