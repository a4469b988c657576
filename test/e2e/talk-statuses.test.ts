import { Schema } from "effect"
import { assert, beforeAll, it } from "vitest"
import type { Asked } from "../support/ApiClient.ts"
import {
  answering,
  type DocumentedOperation,
  documentedOperations,
  type ErrorAnswer,
  pathWith,
  withTwoTokens
} from "./DocumentedErrors.ts"
import { embedded, onEach } from "./Suites.ts"
import { signUpByPhone } from "./TalkAccounts.ts"

const Failure = Schema.Struct({ success: Schema.Literal(false), message: Schema.NonEmptyString })

const operations = documentedOperations(/^\/api\/(?!v1\/)/)

/** What nobody has. */
const nothing: Readonly<Record<string, string>> = { phone_number: "4900000000000", media_content_id: String(2 ** 40) }
const filled = (operation: DocumentedOperation, params = nothing) => pathWith(operation, params)

const bodyOf = ({ type }: DocumentedOperation, body: string): Asked =>
  type === undefined ? {} : { body, headers: { "content-type": type } }

/** How each status is come by, whatever the operation. */
const provocations: Readonly<Record<number, (operation: DocumentedOperation, token: string) => Asked>> = {
  400: (operation, token) => ({ token, ...bodyOf(operation, "[]") }),
  // A sign-up is for whoever shows no token: one that opens nothing is shown to it.
  401: ({ path }) => (path.endsWith("signup") ? { token: "nonsense" } : {}),
  413: ({ type = "", path }, token) => ({
    token,
    body: new Uint8Array((path.endsWith("upload_media") ? 101 : 1) * 2 ** 20 + 1),
    headers: { "content-type": type }
  }),
  415: (_, token) => ({ token, body: "x", headers: { "content-type": "text/plain" } })
}

/** Everything that is not as the document has it, empty where all is well. */
const complaints = (status: number, answer: ErrorAnswer) => {
  if (answer.status !== status) return [`was answered ${answer.status} ${JSON.stringify(answer.body)}`]
  const failure = Schema.decodeUnknownOption(Failure, { onExcessProperty: "error" })(answer.body)
  const sound =
    failure._tag === "Some" &&
    answer.headers.get("content-type") === "application/json" &&
    answer.headers.has("x-request-id") &&
    answer.headers.has("www-authenticate") === (status === 401) &&
    answer.headers.has("retry-after") === (status === 429)
  return sound ? [] : [`has ${JSON.stringify([answer.body, ...answer.headers])}`]
}

onEach(
  "errors of talk",
  ({ api }) => {
    let token: string
    beforeAll(async () => {
      token = (await signUpByPhone(api)).token
    })

    it("are named for all operations that there are", () => {
      assert.lengthOf(operations, 18)
    })

    it.each(Object.keys(provocations).map(Number))(
      "are %d wherever the document says so",
      async (status) => {
        const found: Array<string> = []
        for (const operation of answering(operations, status)) {
          // Where nothing can be wrong, only a header can, which the next test sends.
          if (status === 400 && operation.type === undefined && !operation.parametrized) continue
          const path = status === 400 ? `${filled(operation, {})}?count=0` : filled(operation)
          for (const slash of ["", "/"]) {
            const target = path.includes("?") ? path.replace("?", `${slash}?`) : `${path}${slash}`
            const media = operation.path.endsWith("/upload_media") && status === 413 ? "?media_type=audio" : ""
            const asked = provocations[status]?.(operation, token) ?? {}
            const answer = await api.request(operation.method, `${target}${media}`, asked)
            found.push(...complaints(status, answer).map((text) => `${operation.method} ${target} ${text}`))
          }
        }
        assert.deepStrictEqual(found, [])
      },
      30_000
    )

    it("are 400 wherever there are two tokens", async () => {
      const found: Array<string> = []
      for (const operation of answering(operations, 400)) {
        const { method } = operation
        const path = filled(operation)
        const answer = await withTwoTokens(api.url, method, path, token)
        found.push(...complaints(400, answer).map((text) => `${method} ${path} ${text}`))
      }
      assert.deepStrictEqual(found, [])
    })
  },
  { only: [embedded] }
)

onEach(
  "limits of all requests of talk",
  ({ api }) => {
    it("are 429 wherever the document says so", async () => {
      await api.get("/contacts")
      const found: Array<string> = []
      assert.deepStrictEqual(answering(operations, 429), operations)
      for (const operation of operations) {
        const answer = await api.request(operation.method, filled(operation), bodyOf(operation, "{}"))
        found.push(...complaints(429, answer).map((text) => `${operation.method} ${operation.path} ${text}`))
      }
      assert.deepStrictEqual(found, [])
    })
  },
  { env: { RATE_LIMIT_PER_MINUTE: "1" }, only: [embedded] }
)
