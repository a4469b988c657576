import { Schema } from "effect"
import { gzipSync } from "node:zlib"
import { afterEach, assert, beforeAll, describe, it } from "vitest"
import { somePhone } from "../contracts/Fixtures.ts"
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
import { signUpByPhone } from "./TalkAccounts.ts"
import { befriend, sendText, type Talker } from "./Talkers.ts"

const Failure = Schema.Struct({ success: Schema.Literal(false), message: Schema.String })

/** A 4xx in the words of talk that gives nothing away. */
const assertRefused = ({ body, headers, status, text }: Answer, what: string, ...statuses: ReadonlyArray<number>) => {
  assert.include(statuses, status, `${what}: ${text.slice(0, 300)}`)
  assert.strictEqual(headers.get("content-type"), "application/json", what)
  const { message } = Schema.decodeUnknownSync(Failure)(body, { onExcessProperty: "error" })
  assert.isBelow(message.length, 200, what)
  assert.notMatch(text, inside, what)
  assert.notInclude(text, canary, what)
}

const messageOf = ({ body }: Answer) => Schema.decodeUnknownSync(Failure)(body).message

interface BodyRoute {
  readonly route: string
  /** A body that fits, and that changes nothing: what it asks for is not there. */
  readonly valid: Readonly<Record<string, unknown>>
  /** What that is answered. */
  readonly status: number
  /** Members that may be null. */
  readonly nullable?: ReadonlyArray<string>
  readonly open?: boolean
}

const phone_number = somePhone()
const passcode = "123456"
const text = { phone_number, message_type: "text", message: "Hello", client_message_id: "1" }

const routes: ReadonlyArray<BodyRoute> = [
  { route: "POST /api/auth/complete-signup", valid: { phone_number, passcode }, status: 400, open: true },
  { route: "POST /api/auth/signin", valid: { phone_number }, status: 404, open: true },
  { route: "POST /api/auth/complete-signin", valid: { phone_number, passcode }, status: 400, open: true },
  { route: "PUT /api/contacts/accept", valid: { phone_number }, status: 404 },
  { route: "PUT /api/contacts/delete", valid: { phone_number }, status: 404 },
  {
    route: "PUT /api/contacts/update",
    valid: { phone_number, display_name: "Ada" },
    status: 404,
    nullable: ["display_name"]
  },
  { route: "POST /api/messages/send", valid: text, status: 404, nullable: ["client_message_id"] },
  {
    route: "POST /api/messages/send",
    valid: { phone_number, message_type: "audio", media_content_id: 1, message: "Hello" },
    status: 404,
    nullable: ["message"]
  },
  { route: "PUT /api/messages/read", valid: { message_id: 2 ** 40 }, status: 404 },
  { route: "PUT /api/messages/read_all_text", valid: { phone_number }, status: 404 }
]

/** Fits where a number is asked for. */
const numbers: ReadonlyArray<unknown> = [0, -1, 1.5, 1e308]

onEach("hostile input to talk", (rookery) => {
  const { api } = rookery
  let ada: Talker
  let bob: Talker
  let before: unknown
  const everything = async () => [
    await rookery.counts(),
    await rookery.query("SELECT account_id, peer_id, stance, display_name FROM friendships ORDER BY 1, 2"),
    await rookery.query("SELECT id, status FROM messages ORDER BY 1"),
    await rookery.query("SELECT id FROM media")
  ]

  beforeAll(async () => {
    ada = await signUpByPhone(api)
    bob = await signUpByPhone(api)
    await befriend(api, ada, bob)
    await sendText(api, bob, ada, "Hello")
    before = await everything()
  })
  afterEach(async () => {
    assert.deepStrictEqual(await everything(), before)
    assert.strictEqual((await api.get("/health")).status, 200)
  })

  const send = (
    { open = false, route }: BodyRoute,
    body: string | Uint8Array<ArrayBuffer>,
    headers: Readonly<Record<string, string>> = { "content-type": "application/json" }
  ) => {
    const [method = "", path = ""] = route.split(" ")
    return api.request(method, path, { body, headers, token: open ? undefined : ada.token })
  }

  describe.each(routes)("$route refuses", (route) => {
    const { nullable = [], status, valid } = route
    const members = Object.keys(valid)
    const isText = (member: string) => typeof valid[member] === "string"

    it("members of a wrong type, by their name", async () => {
      for (const member of members) {
        for (const value of nullable.includes(member) ? wrongTypes : [...wrongTypes, null]) {
          if (!isText(member) && numbers.includes(value)) continue
          const json = JSON.stringify({ ...valid, [member]: value })
          const answer = await send(route, json)
          assertRefused(answer, json, 400)
          assert.match(messageOf(answer), new RegExp(`^${member} `), json)
        }
      }
    })

    it("nothing for members that nobody here knows", async () => {
      for (const name of hostileNames) {
        const json = `${JSON.stringify(valid).slice(0, -1)},${JSON.stringify(name)}:{"isAdmin":true}}`
        assertRefused(await send(route, json), json, status)
      }
      const many = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`k${index}`, index]))
      assertRefused(await send(route, JSON.stringify({ ...many, ...valid })), "many names", status)
    })

    it("what is no object, and what is no JSON", async () => {
      for (const json of noObjects) assertRefused(await send(route, json), json, 400)
      for (const json of brokenJson(JSON.stringify(valid))) assertRefused(await send(route, json), json, 400)
    })

    it("JSON of any depth, and of more than 1 MiB", async () => {
      const [member = ""] = members
      for (const deep of [nested(100_000, "[", "]"), nested(100_000, '{"a":', "}")]) {
        assertRefused(await send(route, deep), "deep", 400)
        assertRefused(await send(route, `{${JSON.stringify(member)}:${deep}}`), "deep member", 400)
      }
      const large = JSON.stringify({ ...valid, [member]: "x".repeat(2 ** 20) })
      assertRefused(await send(route, large), "large", 413)
    })

    it("text that is no text", async () => {
      for (const member of members.filter(isText)) {
        const { [member]: _, ...others } = valid
        const start = `${JSON.stringify(others).slice(0, -1)}${Object.keys(others).length > 0 ? "," : ""}"${member}":"`
        for (const middle of noUtf8) {
          const bytes = Buffer.concat([Buffer.from(start), Buffer.from(middle), Buffer.from('"}')])
          assertRefused(await send(route, bytes), `${member} ${middle}`, 400)
        }
        for (const escaped of ["\\u0000", "a\\u0000b", "\\ud800", "\\udc00\\ud800"]) {
          const answer = await send(route, `${start}${escaped.repeat(8)}"}`)
          assertRefused(answer, `${member} ${escaped}`, 400)
          assert.match(messageOf(answer), new RegExp(`^${member} `))
        }
      }
    })

    it("other types, and what is compressed", async () => {
      const json = JSON.stringify(valid)
      for (const type of otherTypes) assertRefused(await send(route, json, { "content-type": type }), type, 415)
      const form = { "content-type": "application/x-www-form-urlencoded" }
      assertRefused(await send(route, `phone_number=${phone_number}`, form), "form", 415)
      const headers = { "content-type": "application/json", "content-encoding": "gzip" }
      assertRefused(await send(route, gzipSync(json), headers), "gzip", 415)
    })
  })

  it.each(["GET /api/contacts/@", "GET /api/messages/@"])("numbers that none can have: %s", async (template) => {
    const [method = "", path = ""] = template.split(" ")
    const odd = ["0", "+", "++4915112345678", "4915112345678%00", "%20", "4915112345678%2f2", "1'--", "4915112345678;2"]
    for (const number of [...odd, "9".repeat(400), "%2b%2b", canary]) {
      assertRefused(await api.request(method, path.replace("@", number), { token: ada.token }), number, 400)
    }
    for (const number of ["%C3%28", "%", "9".repeat(10_000)]) {
      assertRefused(await api.request(method, path.replace("@", number), { token: ada.token }), number.slice(0, 9), 404)
    }
  })

  it("ids of clips that none can have, and tokens of any kind", async () => {
    for (const id of ["0", "-1", "1.5", "01", "abc", "9".repeat(400), "%00", "1%00", "1%2f2", "1;2", canary]) {
      assertRefused(await api.get(`/api/messages/media/${id}`, { token: ada.token }), id, 400)
      assertRefused(await api.get(`/api/messages/media?media_content_id=${id}`, { token: ada.token }), id, 400)
    }
    const twice = "/api/messages/media?media_content_id=1&media_content_id=2"
    assertRefused(await api.get(twice, { token: ada.token }), "two", 400)
    const tokens = [
      "",
      "%00",
      "..%2f..",
      "a".repeat(4000),
      `${canary}.${canary}.x`,
      "eyJ.eyJ.x",
      `a&token=${bob.token}`
    ]
    for (const token of tokens) {
      assertRefused(await api.get(`/api/messages/media/1?token=${token}`), token.slice(0, 40), 401)
    }
  })

  it("forms that are none", async () => {
    const headers = { "content-type": "multipart/form-data; boundary=b" }
    const part = (head: string, content: string) => `--b\r\n${head}\r\n\r\n${content}\r\n`
    const file = 'Content-Disposition: form-data; name="file"; filename="a"'
    for (const body of [
      "",
      "--b",
      "--b--",
      "\r\n".repeat(1000),
      part("", "x"),
      part("X: y", "x"),
      part(file, "x"),
      `${part(`${file}\r\nX: ${"y".repeat(100_000)}`, "x")}--b--`,
      `${part(`${file.replace("file", "__proto__")}`, "x")}--b--`,
      `${part('Content-Disposition: form-data; name="file"', canary)}--b--`,
      `${part(`${file}\r\nContent-Transfer-Encoding: base64`, "eA==")}--b--`,
      `${part('Content-Disposition: form-data; name="x"', "x".repeat(100_000))}--b--`
    ]) {
      const answer = await api.request("POST", "/api/messages/upload_media?media_type=audio", {
        body,
        headers,
        token: ada.token
      })
      assertRefused(answer, body.slice(0, 80), 400)
    }
  })
})
