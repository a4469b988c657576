import { randomBytes } from "node:crypto"
import sharp from "sharp"
import { assert } from "vitest"
import type { ApiClient, Answer, User } from "../support/ApiClient.ts"

/** Of noise, so that no two are the same and none packs to nothing. */
export const picture = (width = 40, height = 30, format: "png" | "jpeg" | "gif" | "webp" = "png"): Promise<Buffer> =>
  sharp(randomBytes(width * height * 3), { raw: { width, height, channels: 3 } })
    .toFormat(format)
    .toBuffer()

export interface Part {
  readonly name: string
  readonly content: string | Uint8Array
  /** None makes it a field. */
  readonly filename?: string
}

/** A form, as browsers write it. */
export const form = (parts: ReadonlyArray<Part>, boundary = `----test${randomBytes(8).toString("hex")}`) => {
  const chunks = parts.flatMap(({ content, filename, name }) => [
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"`,
    filename === undefined ? "" : `; filename="${filename}"\r\nContent-Type: image/jpeg`,
    "\r\n\r\n",
    content,
    "\r\n"
  ])
  return {
    headers: { "content-type": `multipart/form-data; boundary=${boundary}` },
    body: new Uint8Array(Buffer.concat([...chunks, `--${boundary}--\r\n`].map((chunk) => Buffer.from(chunk))))
  }
}

export const uploadPath = "/api/v1/users/me/avatar"

export const uploadOf = (content: string | Uint8Array, filename = "me.jpg") =>
  form([{ name: "file", content, filename }])

export const upload = (
  api: ApiClient,
  { token }: Pick<User, "token">,
  content: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {}
): Promise<Answer> => {
  const asked = uploadOf(content)
  return api.request("POST", uploadPath, { ...asked, token, headers: { ...asked.headers, ...headers } })
}

/** The path of the picture that the account has by this answer. */
export const pathIn = ({ body, text }: Answer): string => {
  const { avatar_url } = body as { readonly avatar_url: string | null }
  assert.isString(avatar_url, text)
  return new URL(avatar_url ?? "").pathname
}

export const fetchPicture = async (api: ApiClient, path: string) => {
  const response = await fetch(`${api.url}${path}`)
  return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) }
}
