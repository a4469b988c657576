import { Schema } from "effect"
import { gzipSync } from "node:zlib"
import { afterEach, assert, beforeAll, describe, it } from "vitest"
import type { Answer } from "../support/ApiClient.ts"
import {
  brokenJson,
  canary,
  hostileNames,
  inside,
  nested,
  noObjects,
  noUtf8,
  otherTypes,
  wrongTypes
} from "./HostileInput.ts"
import { onEach } from "./Suites.ts"

const Problem = Schema.Struct({
  type: Schema.Literal("about:blank"),
  title: Schema.String,
  status: Schema.Int,
  detail: Schema.String,
  errors: Schema.optionalKey(Schema.Array(Schema.Struct({ field: Schema.String, message: Schema.String })))
})

/** A 4xx as problem details that give nothing away, and that name what is wrong where a schema says so. */
const assertRefused = ({ body, headers, status, text }: Answer, what: string, ...statuses: ReadonlyArray<number>) => {
  assert.include(statuses, status, `${what}: ${text.slice(0, 300)}`)
  assert.strictEqual(headers.get("content-type"), "application/problem+json", what)
  const problem = Schema.decodeUnknownSync(Problem)(body, { onExcessProperty: "error" })
  assert.strictEqual(problem.status, status)
  assert.isBelow(problem.detail.length, 400, what)
  assert.strictEqual((problem.errors ?? []).length > 0, status === 422, what)
  assert.isAtMost(problem.errors?.length ?? 0, 20)
  assert.notMatch(text, inside, what)
  assert.notInclude(text, canary, what)
}

/** The name of a member is no secret: a short one is told. */
const withoutCanary = (answer: Answer): Answer => {
  const text = answer.text.replaceAll(canary, "")
  return { ...answer, text, body: JSON.parse(text) }
}

interface World {
  readonly token: string
  readonly contact: number
  readonly note: number
}

interface BodyRoute {
  readonly route: string
  readonly path: (world: World) => string
  /** A body that is right, where nothing hostile is put in its place. */
  readonly valid: Readonly<Record<string, string>>
  /** Members that are passed over in silence when they are wrong, or may be null. */
  readonly nullable?: ReadonlyArray<string>
  readonly open?: boolean
  /** Takes forms as well. */
  readonly forms?: boolean
  /** What answers a body that is right in all but a text that no store keeps. */
  readonly unstorable?: number
}

const at = (path: string) => () => path
const contact = { first_name: "Ada", last_name: "Lovelace", email: "ada@example.com", phone: "+4430123456" }
const whole = { ...contact, birthday: "1815-12-10", notes: "The first program" }
const optional = ["last_name", "email", "phone", "birthday", "notes"]

const routes: ReadonlyArray<BodyRoute> = [
  {
    route: "POST /api/v1/auth/register",
    path: at("/api/v1/auth/register"),
    valid: { username: "ada", email: "ada@example.com", password: "long enough" },
    nullable: ["username"],
    open: true
  },
  {
    route: "POST /api/v1/auth/verify/resend",
    path: at("/api/v1/auth/verify/resend"),
    valid: { email: "ada@example.com" },
    open: true
  },
  {
    route: "POST /api/v1/auth/refresh",
    path: at("/api/v1/auth/refresh"),
    valid: { refresh_token: "nonsense" },
    open: true,
    unstorable: 401
  },
  {
    route: "POST /api/v1/auth/password/forgot",
    path: at("/api/v1/auth/password/forgot"),
    valid: { email: "ada@example.com" },
    open: true
  },
  {
    route: "POST /api/v1/auth/password/reset",
    path: at("/api/v1/auth/password/reset"),
    valid: { token: "nonsense", password: "long enough" },
    open: true,
    forms: true,
    unstorable: 400
  },
  {
    route: "POST /api/v1/auth/password/change",
    path: at("/api/v1/auth/password/change"),
    valid: { current_password: "not this one", new_password: "long enough" }
  },
  { route: "PATCH /api/v1/users/me", path: at("/api/v1/users/me"), valid: { email: "ada@example.com" } },
  { route: "POST /api/v1/contacts", path: at("/api/v1/contacts"), valid: contact, nullable: optional },
  {
    route: "PUT /api/v1/contacts/{id}",
    path: ({ contact }) => `/api/v1/contacts/${contact}`,
    valid: whole,
    nullable: optional
  },
  {
    route: "PATCH /api/v1/contacts/{id}",
    path: ({ contact }) => `/api/v1/contacts/${contact}`,
    valid: contact,
    nullable: optional
  },
  {
    route: "POST /api/v1/contacts/{id}/notes",
    path: ({ contact }) => `/api/v1/contacts/${contact}/notes`,
    valid: { body: "A note" }
  },
  {
    route: "PUT /api/v1/contacts/{id}/notes/{id}",
    path: ({ contact, note }) => `/api/v1/contacts/${contact}/notes/${note}`,
    valid: { body: "A note" }
  }
]

onEach("hostile input to v1", (rookery) => {
  const { api } = rookery
  let world: World
  let before: unknown

  beforeAll(async () => {
    const user = await api.signUp()
    const id = await api.contact(user)
    world = { token: user.token, contact: id, note: await api.note(user, id) }
  })
  beforeAll(async () => {
    before = await rookery.counts()
  })
  afterEach(async () => {
    // Mails go to nobody, and are written down all the same.
    assert.deepStrictEqual({ ...Object(await rookery.counts()), outbox: 0 }, { ...Object(before), outbox: 0 })
    assert.strictEqual((await api.get("/health")).status, 200)
  })

  const send = (
    { open = false, path, route }: BodyRoute,
    body: string | Uint8Array<ArrayBuffer>,
    headers: Readonly<Record<string, string>> = { "content-type": "application/json" }
  ) => api.request(route.split(" ")[0] ?? "", path(world), { body, headers, token: open ? undefined : world.token })

  describe.each(routes)("$route refuses", (route) => {
    const { forms = false, nullable = [], unstorable, valid } = route
    const members = Object.keys(valid)

    it("members of a wrong type, by their name", async () => {
      for (const member of members) {
        for (const value of nullable.includes(member) ? wrongTypes : [...wrongTypes, null]) {
          const json = JSON.stringify({ ...valid, [member]: value })
          const answer = await send(route, json)
          assertRefused(answer, json, 422)
          assert.deepInclude(Object(answer.body).errors[0], { field: member }, json)
        }
      }
    })

    it("unknown members", async () => {
      for (const name of hostileNames) {
        const json = `${JSON.stringify(valid).slice(0, -1)},${JSON.stringify(name)}:{"isAdmin":true}}`
        assertRefused(withoutCanary(await send(route, json)), json, 422)
      }
      const long = await send(route, JSON.stringify({ ...valid, [`x${canary.repeat(100)}`]: 1 }))
      assertRefused(long, "a long name", 422)
      const many = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`k${index}`, index]))
      assertRefused(await send(route, JSON.stringify(many)), "many names", 422)
    })

    it("what is no object, and what is no JSON", async () => {
      for (const json of noObjects) assertRefused(await send(route, json), json, 422)
      for (const text of brokenJson(JSON.stringify(valid))) {
        // No body at all is none that fits.
        assertRefused(await send(route, text), JSON.stringify(text), text === "" ? 422 : 400)
      }
    })

    it("JSON of any depth, and of more than 1 MiB", async () => {
      const [member = ""] = members
      for (const deep of [nested(100_000, "[", "]"), nested(100_000, '{"a":', "}")]) {
        assertRefused(await send(route, deep), "deep", 400, 422)
        assertRefused(await send(route, `{${JSON.stringify(member)}:${deep}}`), "deep member", 400, 422)
      }
      assertRefused(await send(route, "[".repeat(500_000)), "open", 400)
      const large = JSON.stringify({ ...valid, [member]: "x".repeat(2 ** 20) })
      assertRefused(await send(route, large), "large", 413)
    })

    it("text that is no text", async () => {
      for (const member of members) {
        const { [member]: _, ...others } = valid
        const start = `${JSON.stringify(others).slice(0, -1)}${Object.keys(others).length > 0 ? "," : ""}"${member}":"`
        for (const middle of noUtf8) {
          const bytes = Buffer.concat([Buffer.from(start), Buffer.from(middle), Buffer.from('"}')])
          assertRefused(await send(route, bytes), `${member} ${middle}`, 400)
        }
        for (const escaped of ["\\u0000", "a\\u0000b", "\\ud800", "\\udc00\\ud800"]) {
          const answer = await send(route, `${start}${escaped.repeat(8)}"}`)
          assertRefused(answer, `${member} ${escaped}`, ...(unstorable === undefined ? [422] : [422, unstorable]))
        }
      }
    })

    it("other types, and what is compressed", async () => {
      const json = JSON.stringify(valid)
      for (const type of otherTypes) assertRefused(await send(route, json, { "content-type": type }), type, 415)
      const form = await send(route, "name=Ada", { "content-type": "application/x-www-form-urlencoded" })
      assertRefused(form, "form", forms ? 422 : 415)
      const headers = { "content-type": "application/json", "content-encoding": "gzip" }
      assertRefused(await send(route, gzipSync(json), headers), "gzip", 415)
    })
  })

  it.each(["/api/v1/auth/login", "/api/v1/auth/token"])("forms of any kind: %s", async (path) => {
    const headers = { "content-type": "application/x-www-form-urlencoded" }
    const sendForm = (body: string | Uint8Array<ArrayBuffer>) => api.request("POST", path, { body, headers })
    for (const body of [
      "",
      "&",
      "=",
      "username",
      "username=ada",
      "username=&password=",
      "username=ada&username=ada&password=x",
      "username=ada&password=x&password=x",
      "username[]=ada&password=x",
      `${canary}=1`,
      `username=ada&scope=a&scope=b`
    ]) {
      assertRefused(await sendForm(body), body, 422)
    }
    for (const username of ["%00", "%ED%A0%80", "%", "%zz", "ada%00", "a".repeat(100_000), canary, "' or '1'='1"]) {
      const body = `username=${username}&password=${canary}`
      assertRefused(await sendForm(body), body.slice(0, 80), 401)
    }
    assertRefused(await sendForm(Buffer.from([0x75, 0x3d, 0xff])), "no UTF-8", 400)
    assertRefused(await sendForm(`username=${"x".repeat(2 ** 20)}`), "large", 413)
  })

  it.each([
    "GET /api/v1/contacts/@",
    "PUT /api/v1/contacts/@",
    "DELETE /api/v1/contacts/@",
    "GET /api/v1/contacts/@/notes",
    "GET /api/v1/contacts/#/notes/@",
    "DELETE /api/v1/contacts/#/notes/@",
    "DELETE /api/v1/auth/sessions/@"
  ])("ids that none can have: %s", async (template) => {
    const [method = "", path = ""] = template.split(" ")
    const ids = ["0", "-1", "1.5", "01", "abc", "9".repeat(400), "%00", "1%00", "%20", "1%2f2", "1'--", "1;2"]
    for (const id of [...ids, canary]) {
      const target = path.replace("#", String(world.contact)).replace("@", id)
      const asked = { token: world.token, ...(method === "PUT" ? { json: whole } : {}) }
      assertRefused(await api.request(method, target, asked), target, 422)
    }
    // What can't be decoded, or is longer than any path, is none.
    for (const id of ["%C3%28", "%", "9".repeat(10_000)]) {
      const target = path.replace("#", String(world.contact)).replace("@", id)
      assertRefused(await api.request(method, target, { token: world.token }), target.slice(0, 80), 404)
    }
  })

  it("tokens of any kind in links", async () => {
    const tokens = ["%00", "..%2f..", "a".repeat(4000), `${canary}.${canary}.x`, "eyJ.eyJ.x", "%3Cscript%3E"]
    for (const token of tokens) {
      assertRefused(await api.get(`/api/v1/auth/verify/${token}`), token.slice(0, 40), 400)
      assertRefused(await api.get(`/api/v1/auth/password/reset?token=${token}`), token.slice(0, 40), 400)
    }
    for (const token of ["%C3%28", "%"]) {
      assertRefused(await api.get(`/api/v1/auth/verify/${token}`), token, 404)
      assertRefused(await api.get(`/api/v1/auth/password/reset?token=${token}`), token, 400)
    }
    assertRefused(await api.get("/api/v1/auth/password/reset?token=a&token=b"), "two", 422)
  })
})
