import { gzipSync } from "node:zlib"
import { afterAll, afterEach, assert, beforeAll, beforeEach, describe, it } from "vitest"
import { ApiClient, type User } from "../support/ApiClient.ts"
import { isRunning, startRookery, temporaryFolder } from "../support/RookeryServer.ts"
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
import { type RawAnswer, type RawOptions, request, sendRaw } from "./RawHttp.ts"
import { type LiveRookery, onEach, TestScope } from "./Suites.ts"

interface Refusal {
  readonly status: number
  readonly text: string
}

/** A 4xx in the dialect that gives nothing away. */
const assertRefused = ({ status, text }: Refusal, what: string, ...statuses: ReadonlyArray<number>) => {
  assert.isTrue(status >= 400 && status < 500, `${what}: ${status} ${text.slice(0, 200)}`)
  if (statuses.length > 0) assert.include(statuses, status, `${what}: ${text.slice(0, 200)}`)
  const body: unknown = JSON.parse(text)
  assert.deepStrictEqual(Object.keys(Object(body)), ["error"], what)
  const { error } = body as { readonly error: unknown }
  assert.isString(error, what)
  assert.isBelow(String(error).length, 200, what)
  assert.notMatch(text, inside, what)
  assert.notInclude(text, canary, what)
}

const refusal = ({ body, status }: RawAnswer): Refusal => ({ status, text: body })

const scope = new TestScope()
afterAll(scope.close, 60_000)

/** Bytes that come drop by drop, for as long as the server lets them. */
const drip = async (url: string, head: string, drop: string) => {
  const started = performance.now()
  const answer = await sendRaw(url, head, {
    patience: 50_000,
    more: (socket) => {
      const timer = setInterval(() => socket.writable && socket.write(drop), 500)
      socket.on("close", () => clearInterval(timer))
    }
  })
  return { ...answer, seconds: (performance.now() - started) / 1000 }
}

const drips = async () => {
  const server = await scope.open(startRookery({ dataDir: await scope.open(temporaryFolder) }))
  const api = new ApiClient(server.url)
  const { token } = await api.signUp()
  const whole = request("POST /contacts HTTP/1.1", [
    "Host: localhost",
    `Authorization: Bearer ${token}`,
    "Content-Type: application/json",
    "Content-Length: 1000"
  ])
  const answers = Promise.all([
    drip(server.url, "GET /contacts HTTP/1.1\r\nHost: localhost\r\n", "X-Slow: 1\r\n"),
    drip(server.url, whole, " ")
  ])
  // Who waits for them comes late.
  answers.catch(() => {})
  return { api, server, answers }
}

// The limits are Node's and the same on every database: one server shows them, beside all that the others are asked.
let dripping: ReturnType<typeof drips>
beforeAll(async () => {
  dripping = drips()
  await dripping
}, 60_000)

interface World {
  readonly user: User
  readonly contact: number
  readonly note: number
}

interface BodyRoute {
  readonly route: string
  readonly path: (world: World) => string
  /** A body that is right, where nothing hostile is put in its place. */
  readonly valid: Readonly<Record<string, unknown>>
  readonly open?: boolean
}

const person = { first_name: "Ada", last_name: "Lovelace", email: "ada@example.com", password: "long enough" }
const contact = { name: "Ada Lovelace", email: "ada@example.com", phone_number: "+4430123456" }

const bodyRoutes: ReadonlyArray<BodyRoute> = [
  {
    route: "POST /auth/register",
    path: () => "/auth/register",
    valid: { username: "ada", password: "long enough" },
    open: true
  },
  {
    route: "POST /auth/login",
    path: () => "/auth/login",
    valid: { username: "ada", password: "long enough" },
    open: true
  },
  { route: "POST /register", path: () => "/register", valid: person, open: true },
  {
    route: "POST /login",
    path: () => "/login",
    valid: { email: "ada@example.com", password: "long enough" },
    open: true
  },
  { route: "POST /contacts", path: () => "/contacts", valid: contact },
  { route: "PUT /contacts/{id}", path: ({ contact }) => `/contacts/${contact}`, valid: contact },
  {
    route: "POST /contacts/{id}/notes",
    path: ({ contact }) => `/contacts/${contact}/notes`,
    valid: { body: "A note" }
  },
  {
    route: "PUT /contacts/{id}/notes/{id}",
    path: ({ contact, note }) => `/contacts/${contact}/notes/${note}`,
    valid: { body: "A note" }
  }
]

const suite = (rookery: LiveRookery) => {
  const { api } = rookery
  let world: World
  let before: unknown

  beforeAll(async () => {
    const user = await api.signUp()
    const id = await api.contact(user, contact)
    world = { user, contact: id, note: await api.note(user, id) }
  })

  const everything = async () => ({
    rows: await rookery.counts(),
    contact: (await api.get(`/contacts/${world.contact}`, { token: world.user.token })).body,
    notes: (await api.get(`/contacts/${world.contact}/notes`, { token: world.user.token })).body
  })
  beforeEach(async () => {
    before = await everything()
  })
  afterEach(async () => {
    assert.deepStrictEqual(await everything(), before)
    assert.strictEqual((await api.get("/health")).status, 200)
  })

  const send = (
    { open = false, path, route }: BodyRoute,
    body: string | Uint8Array<ArrayBuffer>,
    headers: Readonly<Record<string, string>> = { "content-type": "application/json" }
  ) =>
    api.request(route.split(" ")[0] ?? "", path(world), { body, headers, token: open ? undefined : world.user.token })

  describe.each(bodyRoutes)("$route refuses", (route) => {
    const { valid } = route
    const members = Object.keys(valid)
    const isNote = "body" in valid
    const isSignIn = route.route.endsWith("/login")

    it("members of a wrong type", async () => {
      for (const member of isNote ? ["body", "note_body", "note_text"] : members) {
        const others = isNote ? {} : valid
        const nullable = route.route.includes("/contacts") && ["email", "phone_number"].includes(member)
        for (const value of nullable ? wrongTypes : [...wrongTypes, null]) {
          const json = JSON.stringify({ ...others, [member]: value })
          assertRefused(await send(route, json), json, 400)
        }
      }
    })

    it("unknown members, and names that mean something to JavaScript", async () => {
      for (const name of hostileNames) {
        const json = `${JSON.stringify(valid).slice(0, -1)},${JSON.stringify(name)}:{"isAdmin":true}}`
        const answer = await send(route, json)
        // Its name is not a secret: a short one is told.
        assertRefused({ ...answer, text: answer.text.replace(canary, "") }, json, 400)
      }
      const long = await send(route, JSON.stringify({ ...valid, [`x${canary.repeat(100)}`]: 1 }))
      assertRefused(long, "a long name", 400)
      const many = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`k${index}`, index]))
      assertRefused(await send(route, JSON.stringify(many)), "many names", 400)
    })

    it("what is no object", async () => {
      for (const json of noObjects) {
        assertRefused(await send(route, json), json, 400)
      }
    })

    it("what is no JSON", async () => {
      const whole = JSON.stringify(valid)
      for (const text of brokenJson(whole)) {
        assertRefused(await send(route, text), JSON.stringify(text), 400)
      }
    })

    it("JSON of any depth", async () => {
      const member = members[0] ?? ""
      for (const deep of [nested(100_000, "[", "]"), nested(100_000, '{"a":', "}"), nested(100_000, '[{"a":', "}]")]) {
        assertRefused(await send(route, deep), "deep", 400)
        const value = `{${JSON.stringify(member)}:${deep}}`
        assertRefused(await send(route, value), "deep member", 400)
      }
      assertRefused(await send(route, "[".repeat(500_000)), "open", 400)
    })

    it("bodies of more than 1 MiB, in one piece or in chunks, and reads those of less", async () => {
      const text = "x".repeat(2 ** 20)
      assertRefused(await send(route, JSON.stringify({ ...valid, [members[0] ?? ""]: text })), "over", 413)
      const padded = (bytes: number) => {
        const json = JSON.stringify(valid).slice(0, -1)
        return `${json}${" ".repeat(bytes - json.length - 1)}}`
      }
      assertRefused(await send(route, padded(2 ** 20 + 1)), "just over", 413)
      // Just under it is read, and found to be wrong in another way.
      const under = JSON.stringify({ ...valid, unknown: 1 })
      const most = `${under.slice(0, -1)}${" ".repeat(2 ** 20 - under.length)}}`
      assert.strictEqual(most.length, 2 ** 20)
      assertRefused(await send(route, most), "just under", 400)
    })

    it("text that is no text", async () => {
      for (const member of members) {
        const base = Object.fromEntries(Object.entries(valid).filter(([name]) => name !== member))
        const start = `${JSON.stringify(base).slice(0, -1)}${Object.keys(base).length > 0 ? "," : ""}"${member}":"`
        const bytes = (...middle: ReadonlyArray<number>) =>
          Buffer.concat([Buffer.from(start), Buffer.from(middle), Buffer.from('"}')])
        for (const middle of noUtf8) assertRefused(await send(route, bytes(...middle)), `${member} ${middle}`, 400)
        assertRefused(await send(route, bytes(0x41, 0x00, 0x42)), `${member} NUL`, 400)
        for (const escaped of ["\\u0000", "a\\u0000b", "\\ud800", "a\\udc00", "\\udc00\\ud800"]) {
          const answer = await send(route, `${start}${escaped.repeat(8)}"}`)
          assertRefused(answer, `${member} ${escaped}`, ...(isSignIn ? [401] : [400, 422]))
        }
      }
    })

    it("other types, other encodings, and what is compressed", async () => {
      const json = JSON.stringify(valid)
      for (const type of otherTypes) assertRefused(await send(route, json, { "content-type": type }), type, 415)
      if (route.route !== "POST /login") {
        const form = await send(route, "name=Ada", { "content-type": "application/x-www-form-urlencoded" })
        assertRefused(form, "form", 415)
      }
      for (const coding of ["gzip", "br", "deflate", "gzip, identity", canary]) {
        const headers = { "content-type": "application/json", "content-encoding": coding }
        assertRefused(await send(route, gzipSync(json), headers), coding, 415)
        assertRefused(await send(route, json, headers), coding, 415)
      }
      assertRefused(await send(route, Buffer.from(json, "utf16le")), "UTF-16", 400)
    })
  })

  describe("ids", () => {
    const ids = [
      "0",
      "-1",
      "1.5",
      "1e3",
      "+1",
      "01",
      "0x1",
      "9007199254740992",
      "9223372036854775807",
      "9223372036854775808",
      "18446744073709551616",
      "9".repeat(400),
      "9".repeat(10_000),
      "abc",
      "null",
      "undefined",
      "NaN",
      "Infinity",
      "true",
      "[1]",
      "1,2",
      "1;2",
      "1'--",
      "%00",
      "1%00",
      "%20",
      "%201",
      "1%20",
      "%2f",
      "1%2f2",
      "%2e%2e",
      "1%0a",
      "%D9%A1",
      "%EF%BC%91",
      "%",
      "%z",
      "%ff",
      "%c3%28",
      "%ed%a0%80",
      "%F0%9F%A5%8A",
      canary
    ]
    const templates = [
      "GET /contacts/@",
      "PUT /contacts/@",
      "DELETE /contacts/@",
      "GET /contacts/@/notes",
      "POST /contacts/@/notes",
      "GET /contacts/@/notes/1",
      "PUT /contacts/@/notes/1",
      "DELETE /contacts/@/notes/1",
      "GET /contacts/#/notes/@",
      "PUT /contacts/#/notes/@",
      "DELETE /contacts/#/notes/@"
    ]

    it.each(templates)("that none can have are not found: %s", async (template) => {
      const json = template.includes("notes") ? '{"body":"Changed"}' : '{"name":"Changed"}'
      const hasBody = /^(PUT|POST)/.test(template)
      for (const id of ids) {
        const target = template.replace("#", String(world.contact)).replace("@", id)
        const answer = await sendRaw(
          api.url,
          request(
            `${target} HTTP/1.1`,
            [
              "Host: localhost",
              `Authorization: Bearer ${world.user.token}`,
              ...(hasBody ? ["Content-Type: application/json", `Content-Length: ${json.length}`] : [])
            ],
            hasBody ? json : ""
          )
        )
        assertRefused(refusal(answer), target.slice(0, 80), 404)
      }
    })

    it("with dots and slashes lead nowhere else", async () => {
      for (const path of [
        "/contacts/../contacts",
        "/contacts/./1/..",
        "/contacts/1/..%2f..",
        "/..//..",
        "/contacts/1/../../x"
      ]) {
        const answer = await sendRaw(
          api.url,
          request(`GET ${path} HTTP/1.1`, ["Host: localhost", `Authorization: Bearer ${world.user.token}`])
        )
        assertRefused(refusal(answer), path, 404)
      }
    })
  })

  describe("the protocol itself", () => {
    const host = "Host: localhost"
    const json = JSON.stringify({ name: "Ada" })
    const type = "Content-Type: application/json"
    const length = `Content-Length: ${json.length}`
    const authorization = () => `Authorization: Bearer ${world.user.token}`
    const post = (...headers: ReadonlyArray<string>) =>
      request("POST /contacts HTTP/1.1", [host, authorization(), ...headers], json)
    const get = (...headers: ReadonlyArray<string>) => request("GET /contacts HTTP/1.1", headers)

    const cases: ReadonlyArray<readonly [what: string, text: () => string, status: number, options: RawOptions]> = [
      ["two Authorization headers", () => get(host, authorization(), authorization()), 400, {}],
      ["two Content-Types", () => post(type, type, length), 400, {}],
      ["two Content-Lengths", () => post(type, length, length), 400, {}],
      ["two Hosts", () => get(host, host, authorization()), 400, {}],
      ["no Host", () => get(authorization()), 400, {}],
      ["a Content-Length below zero", () => post(type, "Content-Length: -1"), 400, {}],
      ["a Content-Length beyond all numbers", () => post(type, "Content-Length: 99999999999999999999"), 400, {}],
      ["a Content-Length of gigabytes", () => post(type, "Content-Length: 9999999999"), 413, {}],
      ["a Content-Length in words", () => post(type, "Content-Length: ten"), 400, {}],
      ["Transfer-Encoding beside Content-Length", () => post(type, length, "Transfer-Encoding: chunked"), 400, {}],
      ["Transfer-Encoding gzip", () => post(type, "Transfer-Encoding: gzip"), 400, {}],
      ["Transfer-Encoding that is none", () => post(type, "Transfer-Encoding: xchunked"), 400, {}],
      ["chunks of no size", () => post(type, "Transfer-Encoding: chunked"), 400, {}],
      ["a body that ends too soon", () => post(type, "Content-Length: 100"), 400, { end: true }],
      [
        "chunks that end too soon",
        () =>
          request(
            "POST /contacts HTTP/1.1",
            [host, authorization(), type, "Transfer-Encoding: chunked"],
            `f\r\n${json}`
          ),
        400,
        { end: true }
      ],
      ["bytes that are no request", () => "\u0000\u0001\u0002\r\n\r\n", 400, {}],
      ["text that is no request", () => `${canary}\r\n\r\n`, 400, {}],
      ["a version that is none", () => request("GET /contacts HTTP/9.9", [host]), 400, {}],
      ["HTTP/2 said aloud", () => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, {}],
      ["a method that is none", () => request("BREW /contacts HTTP/1.1", [host]), 400, {}],
      ["CONNECT", () => request("CONNECT localhost:80 HTTP/1.1", [host]), 400, {}],
      ["TRACE", () => request("TRACE /contacts HTTP/1.1", [host]), 405, {}],
      ["a header without a colon", () => get(host, canary), 400, {}],
      ["a space before a colon", () => get(host, "X-Thing : 1"), 400, {}],
      ["NUL in a header", () => get(host, "X-Thing: \u0000"), 400, {}],
      ["bytes beyond ASCII in the path", () => request("GET /contacts/é HTTP/1.1", [host]), 400, {}],
      ["a space in the path", () => request("GET /contacts/1 2 HTTP/1.1", [host]), 400, {}],
      ["headers of 20 KB", () => get(host, `X-Thing: ${"x".repeat(20_000)}`), 431, {}],
      ["3000 headers", () => get(host, ...Array.from({ length: 3000 }, (_, index) => `x${index}: ${index}`)), 431, {}],
      ["a path of 20 KB", () => request(`GET /${"x".repeat(20_000)} HTTP/1.1`, [host]), 431, {}],
      [
        "a path of 10 KB",
        () => request(`GET /contacts/${"x".repeat(10_000)} HTTP/1.1`, [host, authorization()]),
        404,
        {}
      ],
      ["percent signs that mean nothing", () => request("GET /%zz/%/%ff HTTP/1.1", [host]), 404, {}],
      ["an absolute target elsewhere", () => request("GET http://example.com/nothing HTTP/1.1", [host]), 404, {}],
      ["another scheme", () => request("GET ftp://localhost/contacts HTTP/1.1", [host, authorization()]), 404, {}],
      [
        "two slashes before a host",
        () => request("GET //example.com/contacts HTTP/1.1", [host, authorization()]),
        404,
        {}
      ],
      ["an expectation that nobody meets", () => post(type, length, `Expect: ${canary}`), 417, {}]
    ]

    it.each(cases)("refuses %s", async (what, text, status, options) => {
      const answer = await sendRaw(api.url, text(), options)
      assert.strictEqual(answer.headers["content-type"], "application/json")
      assertRefused(refusal(answer), what, status)
    })

    it("takes an absolute target of its own (RFC 9112, 3.2.2), and a body that waits for 100 Continue", async () => {
      const target = request("GET http://localhost/contacts HTTP/1.1", [host, authorization()])
      assert.strictEqual((await sendRaw(api.url, target)).status, 200)
      const head = request("PUT /contacts/1 HTTP/1.1", [host, authorization(), type, length, "Expect: 100-continue"])
      const answer = await sendRaw(api.url, head, {
        more: (socket) => {
          socket.once("data", (chunk) => {
            assert.match(String(chunk), /^HTTP\/1\.1 100 Continue\r\n\r\n/)
            socket.write(JSON.stringify({ nome: "Ada" }).slice(0, json.length))
          })
        }
      })
      assertRefused(refusal(answer), "continued", 400)
      const large = request("POST /contacts HTTP/1.1", [
        host,
        authorization(),
        type,
        "Content-Length: 2000000",
        "Expect: 100-continue"
      ])
      assertRefused(refusal(await sendRaw(api.url, large)), "refused before it was sent", 413)
    })

    it("refuses chunks of more than 1 MiB, and hangs up", async () => {
      const head = request("POST /contacts HTTP/1.1", [host, authorization(), type, "Transfer-Encoding: chunked"])
      const chunk = `10000\r\n${" ".repeat(65_536)}\r\n`
      const answer = await sendRaw(api.url, `${head}${chunk.repeat(32)}`)
      assertRefused(refusal(answer), "chunks", 413)
    })

    it("forgets those who leave before they have said all", async () => {
      const leaving = Array.from({ length: 50 }, () =>
        sendRaw(api.url, post(type, "Content-Length: 100"), {
          more: (socket) => setTimeout(() => socket.destroy(), 20)
        })
      )
      for (const answer of await Promise.all(leaving)) assert.strictEqual(answer.status, 0)
    })
  })

  describe("whatever comes", () => {
    // The same requests in each run. A failure names its number.
    let state = 20_261_120
    const random = (below: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return Math.floor((state / 2 ** 32) * below)
    }
    const pick = <A>(items: ReadonlyArray<A>): A => items[random(items.length)] as A
    const texts = [
      "",
      " ",
      "a",
      "Ada Lovelace",
      "\u0000",
      "\ud800",
      "👩‍🚀",
      "-1",
      "1e999",
      "'; --",
      "${x}",
      "%s",
      canary,
      "x".repeat(300)
    ]
    const names = [
      "name",
      "email",
      "phone_number",
      "body",
      "note_body",
      "note_text",
      "username",
      "password",
      "first_name"
    ]
    const strangeNames = ["last_name", "id", "user_id", "created_at", "__proto__", "constructor", "length", "0", ""]
    const value = (depth: number): unknown => {
      switch (random(depth > 3 ? 5 : 7)) {
        case 0:
          return pick(texts)
        case 1:
          return pick([0, -0, 1, -1, 0.1, 1e21, 2 ** 53, 5e-324])
        case 2:
          return pick([true, false])
        case 3:
          return null
        case 4:
          return Array.from({ length: random(5) }, () => pick(texts)).join("")
        case 5:
          return Array.from({ length: random(4) }, () => value(depth + 1))
        default:
          return Object.fromEntries(
            Array.from({ length: random(6) }, () => [pick(random(4) === 0 ? strangeNames : names), value(depth + 1)])
          )
      }
    }

    it("is answered, and never with a 500", async () => {
      // What is valid by chance changes something: it goes to contacts and accounts of its own.
      const user = await api.signUp()
      const id = await api.contact(user)
      const own = { user, contact: id, note: await api.note(user, id) }
      for (let count = 0; count < 600; count++) {
        const route = pick(bodyRoutes)
        const json = JSON.stringify(random(8) === 0 ? value(0) : Object(value(-100)))
        const path = route.path(own)
        const answer = await api.request(route.route.split(" ")[0] ?? "", path, {
          body: json,
          headers: { "content-type": "application/json" },
          token: route.open === true ? undefined : user.token
        })
        if (answer.status >= 300) {
          assertRefused({ ...answer, text: answer.text.replace(canary, "") }, `${count}: ${route.route} ${json}`)
        }
      }
      before = await everything()
    })
  })
}

onEach("hostile input", suite)

describe("slow input", () => {
  it("ends at the server's limit: 10 seconds for the head of a request, 30 for its body", async () => {
    const { api, answers, server } = await dripping
    const [head, body] = await answers
    assert.isTrue(isRunning(server), server.output())
    for (const answer of [head, body]) assertRefused(refusal(answer), `after ${answer.seconds} s`, 408)
    assert.isTrue(head.seconds > 9 && head.seconds < 20, `head: ${head.seconds} s`)
    assert.isTrue(body.seconds > 29 && body.seconds < 40, `body: ${body.seconds} s`)
    assert.strictEqual((await api.get("/health")).status, 200)
  }, 120_000)
})
