import { Schema } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert } from "vitest"
import type { Answer } from "../support/ApiClient.ts"
import { root } from "../support/RookeryServer.ts"
import { request, sendRaw } from "./RawHttp.ts"

const Media = Schema.Struct({
  example: Schema.optionalKey(Schema.Unknown),
  examples: Schema.optionalKey(Schema.Record(Schema.String, Schema.Struct({ value: Schema.Unknown })))
})
const Operation = Schema.Struct({
  requestBody: Schema.optionalKey(Schema.Struct({ content: Schema.Record(Schema.String, Media) })),
  parameters: Schema.optionalKey(Schema.Array(Schema.Struct({ name: Schema.String, in: Schema.String }))),
  responses: Schema.Record(Schema.String, Schema.Unknown)
})
const Document = Schema.fromJsonString(
  Schema.Struct({ paths: Schema.Record(Schema.String, Schema.Record(Schema.String, Operation)) })
)

export interface DocumentedOperation {
  readonly method: string
  readonly path: string
  /** Of its body, and one that the document shows; undefined where it has none. */
  readonly type: string | undefined
  readonly example: unknown
  /** Whether anything but headers can be sent beside the body. */
  readonly parametrized: boolean
  readonly statuses: ReadonlyArray<number>
}

/** What the committed document says of the paths of a dialect. */
export const documentedOperations = (paths: RegExp): ReadonlyArray<DocumentedOperation> =>
  Object.entries(Schema.decodeSync(Document)(readFileSync(join(root, "openapi.json"), "utf8")).paths)
    .filter(([path]) => paths.test(path))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { parameters = [], requestBody, responses }]) => {
        const [[type, media] = [undefined, undefined]] = Object.entries(requestBody?.content ?? {})
        return {
          method: method.toUpperCase(),
          path,
          type,
          example: media?.example ?? Object.values(media?.examples ?? {})[0]?.value,
          parametrized: parameters.some(({ in: where }) => where !== "header"),
          statuses: Object.keys(responses).map(Number)
        }
      })
    )

/** Those that can answer so, of which there are some. */
export const answering = (operations: ReadonlyArray<DocumentedOperation>, status: number) => {
  const found = operations.filter(({ statuses }) => statuses.includes(status))
  assert.isNotEmpty(found)
  return found
}

/** The path with these in its parameters, and nonsense where there is nothing for one. */
export const pathWith = ({ path }: DocumentedOperation, params: Readonly<Record<string, string>>) =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => params[name] ?? "x")

/** What a request is answered that shows its token twice. */
export const withTwoTokens = async (url: string, method: string, path: string, token: string) => {
  const authorization = `Authorization: Bearer ${token}`
  const lines = ["Host: localhost", authorization, authorization, "Content-Length: 0"]
  const { body, headers, status } = await sendRaw(url, request(`${method} ${path} HTTP/1.1`, lines))
  return { status, headers: new Headers(headers), body: JSON.parse(body) as unknown }
}

export type ErrorAnswer = Pick<Answer, "status" | "headers" | "body">
