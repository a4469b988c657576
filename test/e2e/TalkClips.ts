import { Schema } from "effect"
import { assert } from "vitest"
import type { ApiClient, Answer } from "../support/ApiClient.ts"
import type { Talker } from "./Talkers.ts"
import { form } from "./V1Avatars.ts"

type Shown = Pick<Talker, "token">

export const uploadPath = "/api/messages/upload_media"

/** A form with a clip, as the apps send it. */
export const clipForm = (content: string | Uint8Array, filename = "clip.bin") =>
  form([{ name: "file", content, filename }])

export const uploadClip = (
  api: ApiClient,
  { token }: Shown,
  content: string | Uint8Array,
  mediaType = "audio"
): Promise<Answer> =>
  api.request("POST", `${uploadPath}?media_type=${encodeURIComponent(mediaType)}`, { ...clipForm(content), token })

const Uploaded = Schema.Struct({
  success: Schema.Literal(true),
  id: Schema.Int,
  duration: Schema.NullOr(Schema.Finite)
})

/** The id of a clip that was uploaded. */
export const clipId = ({ body, status, text }: Answer): number => {
  assert.strictEqual(status, 200, text)
  return Schema.decodeUnknownSync(Uploaded)(body, { onExcessProperty: "error" }).id
}

export interface Download {
  readonly status: number
  readonly headers: Headers
  readonly bytes: Buffer
}

export const download = async (
  api: ApiClient,
  path: string,
  { headers = {}, method = "GET", token }: Partial<Shown> & { readonly headers?: object; readonly method?: string } = {}
): Promise<Download> => {
  const response = await fetch(`${api.url}${path}`, {
    method,
    headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers }
  })
  return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) }
}

export const byQuery = (id: number) => `/api/messages/media?media_content_id=${id}`
export const byPath = (id: number) => `/api/messages/media/${id}`
