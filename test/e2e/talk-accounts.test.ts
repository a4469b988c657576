import { Schema } from "effect"
import { assert, describe, expect, it } from "vitest"
import { somePhone } from "../contracts/Fixtures.ts"
import { anyToken, type Case, type Documented, everyDocumentedStatus } from "./DocumentedRoutes.ts"
import { embedded, type LiveRookery, onEach } from "./Suites.ts"
import {
  ask,
  complete,
  expireCodes,
  failure,
  invalidPhone,
  invalidToken,
  noNumber,
  otherThan,
  signUpByPhone,
  textsTo,
  tokenIn
} from "./TalkAccounts.ts"
import { linkIn, mailsTo, signUp as signUpByEmail } from "./V1Accounts.ts"

const documented: Documented = {
  "POST /api/auth/signup": [200, 400, 409],
  "POST /api/auth/complete-signup": [200, 400, 408],
  "POST /api/auth/signin": [200, 400, 404],
  "POST /api/auth/complete-signin": [200, 400, 408]
}

const sent = { success: true, message: "A passcode is on its way to this number." }
const opened = { success: true, token: anyToken }
const wrong = failure("Invalid phone number or passcode")
const expired = failure("The passcode is expired: ask for another one")

/** What is no phone number, whichever way. */
const noPhones: ReadonlyArray<readonly [when: string, json: unknown, body: object]> = [
  ["there is no number", {}, failure("phone_number is required")],
  ["the number is null", { phone_number: null }, failure("phone_number must be a string")],
  ["the number is a JSON number", { phone_number: 4915112345678 }, failure("phone_number must be a string")],
  ["the number is a list", { phone_number: ["4915112345678"] }, failure("phone_number must be a string")],
  ["the number is empty", { phone_number: "" }, invalidPhone],
  ["the number has 6 digits", { phone_number: "123456" }, invalidPhone],
  ["the number has 16 digits", { phone_number: "1234567890123456" }, invalidPhone],
  ["the number has two +", { phone_number: "++4915112345678" }, invalidPhone],
  ["the number has a space", { phone_number: "49 15112345678" }, invalidPhone],
  ["the number has a line feed behind it", { phone_number: "4915112345678\n" }, invalidPhone],
  ["the number has other digits", { phone_number: "٤٩١٥١١٢٣٤٥٦٧٨" }, invalidPhone],
  ["the body is a list", [], failure("The request body must be a JSON object")],
  ["there is no body", undefined, failure("The request body must be a JSON object")]
]

const withoutPhone = (route: string): ReadonlyArray<Case> =>
  noPhones.map(([when, json, body]) => ({
    route,
    status: 400,
    when,
    ask: () =>
      json === undefined
        ? {}
        : { json: typeof json === "object" && !Array.isArray(json) ? { passcode: "123456", ...json } : json },
    body
  }))

const noPasscodes: ReadonlyArray<readonly [when: string, json: object, body: object]> = [
  ["there is no passcode", {}, failure("passcode is required")],
  ["the passcode is a JSON number", { passcode: 123456 }, failure("passcode must be a string")],
  ["the passcode has five digits", { passcode: "12345" }, failure("passcode must be six digits")],
  ["the passcode has letters", { passcode: "12345a" }, failure("passcode must be six digits")]
]

const completions = (rookery: LiveRookery, way: "signup" | "signin"): ReadonlyArray<Case> => {
  const route = `POST /api/auth/complete-${way}`
  const { api } = rookery
  /** A number with a code of its own. */
  const waiting = async () => {
    const phone = way === "signup" ? somePhone() : (await signUpByPhone(api)).phone
    return { phone_number: phone, passcode: await ask(api, way, phone) }
  }
  return [
    { route, status: 200, when: "the passcode is right", ask: async () => ({ json: await waiting() }), body: opened },
    {
      route,
      status: 200,
      when: "the number has a + here, and there is more that nobody knows",
      ask: async () => {
        const { passcode, phone_number } = await waiting()
        return { json: { phone_number: `+${phone_number}`, passcode, platform: "android" } }
      },
      body: opened
    },
    ...noPasscodes.map(([when, json, body]): Case => ({
      route,
      status: 400,
      when,
      ask: () => ({ json: { phone_number: "4915112345678", ...json } }),
      body
    })),
    {
      route,
      status: 400,
      when: "the passcode is another",
      ask: async () => {
        const json = await waiting()
        return { json: { ...json, passcode: otherThan(json.passcode) } }
      },
      body: wrong
    },
    {
      route,
      status: 400,
      when: "the passcode was used",
      ask: async () => {
        const json = await waiting()
        assert.strictEqual((await api.post(`/api/auth/complete-${way}`, json)).status, 200)
        return { json }
      },
      body: wrong
    },
    {
      route,
      status: 400,
      when: "the passcode is the one before",
      ask: async () => {
        const json = await waiting()
        await ask(api, way, json.phone_number)
        return { json }
      },
      body: wrong
    },
    {
      route,
      status: 400,
      when: "nobody has asked for one",
      ask: () => ({ json: { phone_number: somePhone(), passcode: "123456" } }),
      body: wrong
    },
    {
      route,
      status: 408,
      when: "its time is over",
      ask: async () => {
        const json = await waiting()
        await expireCodes(rookery)
        return { json }
      },
      body: expired
    },
    ...withoutPhone(route)
  ]
}

const cases = (rookery: LiveRookery): ReadonlyArray<Case> => [
  {
    route: "POST /api/auth/signup",
    status: 200,
    when: "nobody has the number",
    ask: () => ({ json: { phone_number: somePhone() } }),
    body: sent
  },
  {
    route: "POST /api/auth/signup",
    status: 200,
    when: "it has a +",
    ask: () => ({ json: { phone_number: `+${somePhone()}` } }),
    body: sent
  },
  ...["", "+"].map((plus): Case => ({
    route: "POST /api/auth/signup",
    status: 409,
    when: `somebody has the number, which is sent with "${plus}"`,
    ask: async ({ api }) => ({ json: { phone_number: `${plus}${(await signUpByPhone(api)).phone}` } }),
    body: failure("Phone number already registered")
  })),
  ...withoutPhone("POST /api/auth/signup"),
  ...["", "+"].map((plus): Case => ({
    route: "POST /api/auth/signin",
    status: 200,
    when: `somebody has the number, which is sent with "${plus}"; there is no token in the answer`,
    ask: async ({ api }) => ({ json: { phone_number: `${plus}${(await signUpByPhone(api)).phone}` } }),
    body: sent
  })),
  {
    route: "POST /api/auth/signin",
    status: 404,
    when: "nobody has the number",
    ask: () => ({ json: { phone_number: somePhone() } }),
    body: failure("Phone number not registered")
  },
  ...withoutPhone("POST /api/auth/signin"),
  ...completions(rookery, "signup"),
  ...completions(rookery, "signin")
]

const Profile = Schema.Struct({ id: Schema.Int })

onEach("accounts of talk", (rookery) => {
  const { api } = rookery
  everyDocumentedStatus(rookery, documented, cases(rookery))

  const idOf = async (token: string) =>
    Schema.decodeUnknownSync(Profile)((await api.get("/api/v1/users/me", { token })).body).id
  const contacts = async (token: string) => {
    const { body, status } = await api.get("/api/contacts", { token })
    return { status, body }
  }
  const empty = { status: 200, body: { success: true, contacts: [] } }

  describe("a number", () => {
    it("is an account from its sign-up on, and the same at each sign-in", async () => {
      const { phone, token } = await signUpByPhone(api)
      assert.deepStrictEqual(await contacts(token), empty)
      const again = tokenIn(await complete(api, "signin", phone, await ask(api, "signin", phone)))
      assert.notStrictEqual(again, token)
      assert.strictEqual(await idOf(again), await idOf(token))
    })

    it("opens the other dialects, and a sign-out there ends the session here", async () => {
      const { token } = await signUpByPhone(api)
      assert.deepStrictEqual((await api.get("/contacts", { token })).body, [])
      assert.deepStrictEqual((await api.get("/api/v1/contacts", { token })).body, [])
      assert.strictEqual((await api.get("/logout", { token })).status, 200)
      expect(await contacts(token)).toStrictEqual({ status: 401, body: invalidToken })
    })

    it("is told of in no answer that a cache may keep", async () => {
      const phone = somePhone()
      const { headers } = await complete(api, "signup", phone, await ask(api, "signup", phone))
      assert.strictEqual(headers.get("cache-control"), "no-store")
      const signedIn = await complete(api, "signin", phone, await ask(api, "signin", phone))
      assert.strictEqual(signedIn.headers.get("cache-control"), "no-store")
    })

    it("keeps what the client calls itself, for the list of sessions", async () => {
      const phone = somePhone()
      const headers = { "user-agent": "PuffinTalk/2.1 (Android)" }
      const token = tokenIn(await complete(api, "signup", phone, await ask(api, "signup", phone), { headers }))
      const { body } = await api.get("/api/v1/auth/sessions", { token })
      expect(body).toMatchObject([{ user_agent: "PuffinTalk/2.1 (Android)", dialect: "talk", current: true }])
    })

    it("takes five wrong passcodes in an hour, and then none, however often it is asked for", async () => {
      const { phone } = await signUpByPhone(api)
      const code = await ask(api, "signin", phone)
      for (let tries = 0; tries < 5; tries++) {
        assert.deepInclude(await complete(api, "signin", phone, otherThan(code)), { status: 400, body: wrong })
      }
      assert.deepInclude(await complete(api, "signin", phone, code), { status: 400, body: wrong })
      const another = await ask(api, "signin", phone)
      assert.deepInclude(await complete(api, "signin", phone, another), { status: 400, body: wrong })
    })

    it("signs up with no code of a sign-in, nor in with one of a sign-up", async () => {
      const { phone } = await signUpByPhone(api)
      const code = await ask(api, "signin", phone)
      assert.deepInclude(await complete(api, "signup", phone, code), { status: 400, body: wrong })
    })
  })

  describe("an account of another dialect", () => {
    it("is told what it lacks, and has it once it signs up a number with its token", async () => {
      const { id, token } = await api.signUp()
      for (const path of ["/api/contacts", "/api/contacts/4915112345678", "/api/messages/4915112345678"]) {
        assert.deepInclude(await api.get(path, { token }), { status: 400, body: noNumber }, path)
      }
      const phone = somePhone()
      const code = await ask(api, "signup", phone, { token })
      const added = tokenIn(await complete(api, "signup", phone, code, { token }))
      assert.deepStrictEqual([await idOf(added), await idOf(token)], [id, id])
      for (const one of [added, token]) assert.deepStrictEqual(await contacts(one), empty)
      const signedIn = tokenIn(await complete(api, "signin", phone, await ask(api, "signin", phone)))
      assert.strictEqual(await idOf(signedIn), id)
    })

    it("gets the number with a doubled Bearer, too", async () => {
      const { id, token } = await api.signUp()
      const phone = somePhone()
      const headers = { authorization: `Bearer Bearer ${token}` }
      const code = await ask(api, "signup", phone, { headers })
      assert.strictEqual(await idOf(tokenIn(await complete(api, "signup", phone, code, { headers }))), id)
    })

    it("has the new number in the place of the old, and whoever has that or its address is told", async () => {
      const person = await signUpByEmail(api)
      const [before, after] = [somePhone(), somePhone()]
      for (const phone of [before, after]) {
        const code = await ask(api, "signup", phone, person)
        tokenIn(await complete(api, "signup", phone, code, person))
      }
      const [told] = await textsTo(api, before)
      assert.match(told?.text ?? "", /was given another phone number/)
      const [mail] = await mailsTo(api, person.email)
      assert.match(mail?.text ?? "", /phone number/i)
      const gone = await api.post("/api/auth/signin", { phone_number: before })
      assert.deepInclude(gone, { status: 404, body: failure("Phone number not registered") })
      assert.strictEqual((await api.post("/api/auth/signup", { phone_number: after })).status, 409)
    })

    it("is not mistaken for nobody: a token that opens nothing is refused, and nothing is sent", async () => {
      const { token } = await signUpByPhone(api)
      await api.get("/logout", { token })
      for (const shown of [token, "nonsense", `${token}x`]) {
        const phone = somePhone()
        const asked = await api.post("/api/auth/signup", { phone_number: phone }, { token: shown })
        expect({ status: asked.status, body: asked.body }).toStrictEqual({ status: 401, body: invalidToken })
        assert.deepStrictEqual(await textsTo(api, phone), [])
        const completed = await complete(api, "signup", phone, "123456", { token: shown })
        expect({ status: completed.status, body: completed.body }).toStrictEqual({ status: 401, body: invalidToken })
      }
      for (const authorization of ["", "Bearer", "Bearer "]) {
        await ask(api, "signup", somePhone(), { headers: { authorization } })
      }
    })

    it("that only has an unverified address is let in to v1 once it has a number", async () => {
      const person = await signUpByEmail(api)
      assert.isString(await linkIn(api, person.email, "verification"))
      const phone = somePhone()
      const token = tokenIn(await complete(api, "signup", phone, await ask(api, "signup", phone, person), person))
      assert.strictEqual((await api.get("/api/v1/contacts", { token })).status, 200)
    })
  })

  it("answers what nobody has in the dialect of its prefix", async () => {
    const { token } = await signUpByPhone(api)
    for (const path of ["/api", "/api/", "/api/auth", "/api/auth/nothing", "/api/messages", "/api/contacts/1/2"]) {
      const answer = await api.get(path, { token })
      assert.deepInclude(answer, { status: 404, body: failure("Not found") }, path)
    }
    const answer = await api.get("/api/auth/signup")
    assert.deepInclude(answer, { status: 405, body: failure("Method not allowed") })
    assert.strictEqual(answer.headers.get("allow"), "POST, OPTIONS")
  })
})

/** More requests than any of these tests makes. */
const limits = { RATE_LIMIT_PER_MINUTE: "1000" }

onEach(
  "limits of talk",
  ({ api }) => {
    const TooMany = Schema.Struct({ success: Schema.Literal(false), message: Schema.String })

    /** What came after so many that were let through; each asks for something of its own. */
    const exhaust = async (most: number, request: () => Promise<{ readonly status: number }>) => {
      let count = 0
      while (count <= most && (await request()).status !== 429) count += 1
      return count
    }

    it("are five passcodes an hour for each number, however it is spelled and whoever asks", async () => {
      const phone = somePhone()
      const spelled = ["", "+"]
      let asked = 0
      const count = await exhaust(20, () =>
        api.post("/api/auth/signup", { phone_number: `${spelled[asked++ % 2]}${phone}` })
      )
      assert.strictEqual(count, 5)
      const refused = await api.post("/api/auth/signup", { phone_number: phone })
      assert.strictEqual(refused.status, 429)
      Schema.decodeUnknownSync(TooMany)(refused.body, { onExcessProperty: "error" })
      assert.isAbove(Number(refused.headers.get("retry-after")), 60)
      assert.include(refused.headers.get("ratelimit"), '"passcodes";r=0')
      // Of those that were asked for before the last was sent, only that one is.
      const { length } = await textsTo(api, phone)
      assert.isTrue(length >= 1 && length <= 5, `${length}`)
    })

    it("are 20 passcodes in ten minutes for each address, over all numbers", async () => {
      const count = await exhaust(40, () => api.post("/api/auth/signup", { phone_number: somePhone() }))
      // Those of the test before are of the same address: 5 that were sent, and 2 that were not.
      assert.strictEqual(count, 20 - 7)
      const { headers, status } = await api.post("/api/auth/signin", { phone_number: somePhone() })
      assert.strictEqual(status, 429)
      assert.include(headers.get("ratelimit"), '"passcodesByAddress";r=0')
    })

    it("are those of registrations and sign-ins in the other dialects", async () => {
      const wrong = () => ({ phone_number: somePhone(), passcode: "123456" })
      assert.strictEqual(await exhaust(20, () => api.post("/api/auth/complete-signup", wrong())), 5)
      const registered = await api.post("/auth/register", { username: api.username(), password: api.password() })
      assert.strictEqual(registered.status, 429)
      assert.strictEqual(await exhaust(20, () => api.post("/api/auth/complete-signin", wrong())), 10)
      const signedIn = await api.post("/auth/login", { username: "nobody", password: api.password() })
      assert.strictEqual(signedIn.status, 429)
    })
  },
  { only: [embedded], env: limits }
)
