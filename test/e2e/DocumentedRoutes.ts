import { STATUS_CODES } from "node:http"
import { assert, beforeAll, describe, expect, it } from "vitest"
import type { ApiClient, Answer, Asked, User } from "../support/ApiClient.ts"
import type { LiveRookery } from "./Suites.ts"

/** What a case asks: who, and the parameters of the path, beside what is sent. */
export interface Question extends Asked {
  /** Shows the access token. */
  readonly as?: User
  readonly params?: Readonly<Record<string, number | string>>
  /** With its question mark. */
  readonly query?: string
}

export interface World {
  readonly api: ApiClient
  /** Somebody who is signed in, in all cases. */
  readonly ada: User
}

/** One status of one route, as its document has it. */
export interface Case {
  /** As the document writes it: `GET /contacts/{contact_id}`. */
  readonly route: string
  readonly status: number
  readonly when: string
  readonly ask: (world: World) => Promise<Question> | Question
  /** The whole body, to the letter; matchers where it can't be foreseen. Undefined where there is none. */
  readonly body: object | undefined | ((question: Question) => object)
}

/** Which statuses the document gives each route. */
export type Documented = Readonly<Record<string, ReadonlyArray<number>>>

export const anyId: number = expect.any(Number)
export const anyText: string = expect.any(String)
export const anyTime: string = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

/** A token as it looks from outside. */
export const anyToken: string = expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/)

export const call = (
  api: ApiClient,
  route: string,
  { as, params = {}, query = "", ...asked }: Question,
  slash = ""
): Promise<Answer> => {
  const [method = "", template = ""] = route.split(" ")
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => String(params[name]))
  return api.request(method, `${path}${slash}${query}`, as === undefined ? asked : { token: as.token, ...asked })
}

export interface Wrong {
  readonly field: string
  readonly message: string
}

/** An error of v1: problem details (RFC 9457). */
export const problem = (status: number, detail: string, errors?: ReadonlyArray<Wrong>) => ({
  type: "about:blank",
  title: STATUS_CODES[status],
  status,
  detail,
  ...(errors === undefined ? {} : { errors })
})

/** What v1 says of one field, or of the whole body where that has no name. */
export const invalid = (field: string, message: string) =>
  problem(422, `${field === "" ? "The request body" : field} ${message}`, [{ field, message }])

const contentTypeOf = (route: string, status: number) => {
  if (status === 204) return null
  return status >= 400 && route.includes("/api/v1/") ? "application/problem+json" : "application/json"
}

/** Tries every case without and with a slash at the end, and that no documented status was left out. */
export const everyDocumentedStatus = (rookery: LiveRookery, documented: Documented, cases: ReadonlyArray<Case>) => {
  const reached = new Set<string>()
  let world: World
  beforeAll(async () => {
    world = { api: rookery.api, ada: await rookery.api.signUp() }
  })

  describe.each(["", "/"])('with "%s" at the end', (slash) => {
    it.each(cases)("$route answers $status when $when", async ({ ask, body, route, status }) => {
      const question = await ask(world)
      const answer = await call(world.api, route, question, slash)
      expect({ status: answer.status, body: answer.body }).toStrictEqual({
        status,
        body: typeof body === "function" ? body(question) : body
      })
      const contentType = answer.headers.get("content-type")?.replace("; charset=utf-8", "") ?? null
      assert.strictEqual(contentType, contentTypeOf(route, status))
      assert.isNotNull(answer.headers.get("x-request-id"))
      assert.strictEqual(answer.headers.get("www-authenticate"), status === 401 ? "Bearer" : null)
      reached.add(`${route} ${status}${slash}`)
    })
  })

  it("reaches every status that the document names", () => {
    const missed = Object.entries(documented).flatMap(([route, statuses]) =>
      statuses
        .flatMap((status) => ["", "/"].map((slash) => `${route} ${status}${slash}`))
        .filter((key) => !reached.has(key))
    )
    assert.deepStrictEqual(missed, [])
  })
}
