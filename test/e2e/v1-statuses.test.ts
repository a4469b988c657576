import { Schema } from "effect"
import { STATUS_CODES } from "node:http"
import { assert, beforeAll, it } from "vitest"
import type { ApiClient, Asked } from "../support/ApiClient.ts"
import {
  answering,
  type DocumentedOperation,
  documentedOperations,
  type ErrorAnswer,
  pathWith,
  withTwoTokens
} from "./DocumentedErrors.ts"
import { embedded, onEach } from "./Suites.ts"
import { register, signUp } from "./V1Accounts.ts"
import { unverifiedToken } from "./V1Contacts.ts"

const Problem = Schema.Struct({
  type: Schema.Literal("about:blank"),
  title: Schema.String,
  status: Schema.Int,
  detail: Schema.NonEmptyString,
  errors: Schema.optionalKey(
    Schema.NonEmptyArray(Schema.Struct({ field: Schema.String, message: Schema.NonEmptyString }))
  )
})

const operations = documentedOperations(/^\/api\/v1\//)

/** What nobody has. */
const nothing: Readonly<Record<string, string>> = {
  contact_id: String(2 ** 40),
  note_id: String(2 ** 40),
  session_id: "8c1f1f5e-0d7a-4f0e-9d5c-5a3b1c7e2f90",
  avatar_id: "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
}
const pathOf = (operation: DocumentedOperation, params = nothing) => pathWith(operation, params)

const encoded = (type: string, value: unknown) =>
  type.endsWith("json") ? JSON.stringify(value) : new URLSearchParams(Object(value)).toString()

/** The body that the document shows, or one in its place. */
const bodyOf = ({ example, type }: DocumentedOperation, value: unknown = example): Asked =>
  type === undefined || type.startsWith("multipart/")
    ? {}
    : { body: encoded(type, value), headers: { "content-type": type } }

interface World {
  readonly api: ApiClient
  /** Of somebody whose address is verified, and of somebody whose is not. */
  readonly token: string
  readonly unverified: string
}

const takesPassword = ({ path }: DocumentedOperation) => /\/auth\/(login|token)$/.test(path)
const emptyForm = { body: "--x--\r\n", headers: { "content-type": "multipart/form-data; boundary=x" } }

/** How each status is come by, whatever the operation. */
const provocations: Readonly<Record<number, (operation: DocumentedOperation, world: World) => Promise<Asked> | Asked>> =
  {
    401: (operation) => bodyOf(operation),
    403: async (operation, { api, unverified }) => {
      if (!takesPassword(operation)) return { ...bodyOf(operation), token: unverified }
      const { email, password } = await register(api)
      return bodyOf(operation, { username: email, password })
    },
    404: (operation, { token }) => ({ ...bodyOf(operation), token }),
    413: ({ type = "" }, { token }) => ({ token, body: "x".repeat(2 ** 20 + 1), headers: { "content-type": type } }),
    415: (_, { token }) => ({ token, body: "x", headers: { "content-type": "text/plain" } }),
    422: (operation, { token }) => ({
      ...(operation.type?.startsWith("multipart/") ? emptyForm : bodyOf(operation, [])),
      token
    })
  }

/** Beside ids that nothing can have and bodies that are none, what no list takes. */
const wrongQuery = "?limit=0&tz=nowhere&keep=nothing"

/** Everything that is not as the document has it, empty where all is well. */
const complaints = (status: number, answer: ErrorAnswer) => {
  if (answer.status !== status) return [`was answered ${answer.status}`]
  const problem = Schema.decodeUnknownOption(Problem, { onExcessProperty: "error" })(answer.body)
  if (problem._tag === "None") return [`has no problem details, but ${JSON.stringify(answer.body)}`]
  const { errors, status: told, title } = problem.value
  const sound =
    told === status &&
    title === STATUS_CODES[status] &&
    (errors === undefined) === (status !== 422) &&
    answer.headers.get("content-type") === "application/problem+json" &&
    answer.headers.has("www-authenticate") === (status === 401) &&
    answer.headers.has("retry-after") === (status === 429)
  return sound ? [] : [`has ${JSON.stringify([problem.value, ...answer.headers])}`]
}

onEach(
  "errors of v1",
  (rookery) => {
    const { api } = rookery
    let world: World
    beforeAll(async () => {
      world = { api, token: (await signUp(api)).token, unverified: await unverifiedToken(api) }
    })

    it.each(Object.keys(provocations).map(Number))("are %d wherever the document says so", async (status) => {
      const found: Array<string> = []
      for (const operation of answering(operations, status)) {
        const path = status === 422 ? `${pathOf(operation, {})}${wrongQuery}` : pathOf(operation)
        const asked = (await provocations[status]?.(operation, world)) ?? {}
        const answer = await api.request(operation.method, path, asked)
        found.push(...complaints(status, answer).map((text) => `${operation.method} ${path} ${text}`))
      }
      assert.deepStrictEqual(found, [])
    })

    it("are 400 wherever there are two tokens", async () => {
      const found: Array<string> = []
      for (const operation of answering(operations, 400)) {
        const { method } = operation
        const path = pathOf(operation)
        const answer = await withTwoTokens(api.url, method, path, world.token)
        found.push(...complaints(400, answer).map((text) => `${method} ${path} ${text}`))
      }
      assert.deepStrictEqual(found, [])
    })
  },
  { only: [embedded] }
)

onEach(
  "limits of v1",
  ({ api }) => {
    it("are 429 wherever the document says so", async () => {
      await api.get("/contacts")
      const found: Array<string> = []
      assert.deepStrictEqual(answering(operations, 429), operations)
      for (const operation of operations) {
        const answer = await api.request(operation.method, pathOf(operation), bodyOf(operation))
        found.push(...complaints(429, answer).map((text) => `${operation.method} ${operation.path} ${text}`))
      }
      assert.deepStrictEqual(found, [])
    })
  },
  { env: { RATE_LIMIT_PER_MINUTE: "1" }, only: [embedded] }
)
