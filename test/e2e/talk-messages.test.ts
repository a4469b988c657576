import { Schema } from "effect"
import { assert, beforeAll, describe, expect, it } from "vitest"
import { ogg } from "../contracts/Clips.ts"
import { somePhone } from "../contracts/Fixtures.ts"
import type { ApiClient } from "../support/ApiClient.ts"
import { anyId, anyTime, type Case, type Documented, everyDocumentedStatus } from "./DocumentedRoutes.ts"
import { onEach } from "./Suites.ts"
import { ask, complete, failure, invalidPhone, invalidToken, signUpByPhone, tokenIn } from "./TalkAccounts.ts"
import { clipId, uploadClip } from "./TalkClips.ts"
import { befriend, contactOf, messagesWith, requestFriend, sendText, type Talker } from "./Talkers.ts"

const list = "GET /api/messages/{phone_number}"
const send = "POST /api/messages/send"
const read = "PUT /api/messages/read"
const readAll = "PUT /api/messages/read_all_text"

const documented: Documented = {
  [list]: [200, 400, 401, 404],
  [send]: [200, 400, 404],
  [read]: [200],
  [readAll]: [200]
}

interface Pair {
  /** Friends. */
  readonly ada: Talker
  readonly bob: Talker
  /** Asked by Ada, and no more. */
  readonly cyd: Talker
}

const pairs = new WeakMap<ApiClient, Promise<Pair>>()
/** The same people in all cases. */
const people = (api: ApiClient): Promise<Pair> => {
  const meet = async () => {
    const [ada, bob, cyd] = [await signUpByPhone(api), await signUpByPhone(api), await signUpByPhone(api)]
    await befriend(api, ada, bob)
    await requestFriend(api, ada, cyd)
    return { ada, bob, cyd }
  }
  const known = pairs.get(api) ?? meet()
  pairs.set(api, known)
  return known
}

const asAda =
  (question: (people: Pair) => object): Case["ask"] =>
  async ({ api }) => {
    const known = await people(api)
    return { token: known.ada.token, ...question(known) }
  }

const anyPhone: string = expect.stringMatching(/^\d{7,15}$/)

const message = (text: string, more: object = {}) => ({
  id: anyId,
  sender: anyPhone,
  receiver: anyPhone,
  message: text,
  message_type: "text",
  media_type: null,
  media_content_id: null,
  status: "created",
  created_at: anyTime,
  ...more
})

const messages = (...those: ReadonlyArray<object>) => ({ success: true, messages: those })

const refused = (
  route: string,
  wrong: ReadonlyArray<readonly [when: string, json: unknown, body: object]>,
  status = 400
): ReadonlyArray<Case> =>
  wrong.map(([when, json, body]) => ({ route, status, when, ask: asAda(() => ({ json })), body }))

const withoutToken = (route: string): Case => ({
  route,
  status: 401,
  when: "there is no token",
  ask: () => ({ params: { phone_number: "4915112345678" } }),
  body: invalidToken
})

const noObject = ["there is no object", [], failure("The request body must be a JSON object")] as const
const noPhones = [
  ["there is no number", { message_type: "text", message: "x" }, failure("phone_number is required")],
  [
    "the number is a JSON number",
    { phone_number: 4915112345678, message_type: "text", message: "x" },
    failure("phone_number must be a string")
  ],
  ["the number is a word", { phone_number: "puffin", message_type: "text", message: "x" }, invalidPhone],
  noObject
] as const

const wholeNumber = failure("count must be a whole number of at least 1")

const cases: ReadonlyArray<Case> = [
  ...[list, send, read, readAll].map(withoutToken),
  {
    route: list,
    status: 200,
    when: "nothing was said yet",
    ask: asAda(({ cyd }) => ({ params: { phone_number: cyd.phone } })),
    body: messages()
  },
  {
    route: list,
    status: 200,
    when: "the number has a +, and no more are asked for",
    ask: async ({ api }) => {
      const { ada, bob } = await people(api)
      for (const text of ["one", "two"]) await sendText(api, ada, bob, text)
      return { token: ada.token, params: { phone_number: `+${bob.phone}` }, query: "?count=1" }
    },
    body: messages(message("two"))
  },
  ...["0", "-1", "1.5", "1e2", "0x10", "", "ten", "000", "+5", "%205"].map((count): Case => ({
    route: list,
    status: 400,
    when: `count is "${count}"`,
    ask: asAda(({ bob }) => ({ params: { phone_number: bob.phone }, query: `?count=${count}` })),
    body: wholeNumber
  })),
  ...["0", "-1", "x", "9999999999999999"].map((before): Case => ({
    route: list,
    status: 400,
    when: `before_id is ${before}`,
    ask: asAda(({ bob }) => ({ params: { phone_number: bob.phone }, query: `?before_id=${before}` })),
    body: expect.objectContaining({ success: false, message: expect.stringMatching(/^before_id must be/) })
  })),
  {
    route: list,
    status: 400,
    when: "count is there twice",
    ask: asAda(({ bob }) => ({ params: { phone_number: bob.phone }, query: "?count=1&count=2" })),
    body: failure("count must be sent once")
  },
  ...["puffin", "123456", "send"].map((phone_number): Case => ({
    route: list,
    status: 400,
    when: `the number is ${phone_number}`,
    ask: asAda(() => ({ params: { phone_number } })),
    body: invalidPhone
  })),
  {
    route: list,
    status: 404,
    when: "nobody with that number is in the list",
    ask: asAda(() => ({ params: { phone_number: somePhone() } })),
    body: failure("Contact not found")
  },
  {
    route: list,
    status: 404,
    when: "the number is one's own",
    ask: asAda(({ ada }) => ({ params: { phone_number: ada.phone } })),
    body: failure("Contact not found")
  },
  {
    route: send,
    status: 200,
    when: "it is a text",
    ask: asAda(({ bob }) => ({ json: { phone_number: bob.phone, message_type: "text", message: " Über 🐧\n" } })),
    body: messages(message(" Über 🐧\n"))
  },
  {
    route: send,
    status: 200,
    when: "a text comes with all that a clip has, and more that nobody knows",
    ask: asAda(({ bob }) => ({
      json: {
        phone_number: `+${bob.phone}`,
        message_type: "text",
        message: "x".repeat(10_000),
        media_content_id: 0,
        client_message_id: null,
        reply_to: 7
      }
    })),
    body: messages(message("x".repeat(10_000)))
  },
  ...(["audio", "video"] as const).flatMap((kind) =>
    [undefined, null, "", "Listen!"].map((text): Case => ({
      route: send,
      status: 200,
      when: `it is ${kind} with ${JSON.stringify(text)} beside it`,
      ask: async ({ api }) => {
        const { ada, bob } = await people(api)
        const media_content_id = clipId(await uploadClip(api, ada, ogg(2), kind))
        return {
          token: ada.token,
          json: {
            phone_number: bob.phone,
            message_type: kind,
            media_content_id,
            ...(text === undefined ? {} : { message: text })
          }
        }
      },
      body: messages(message(text ?? "", { message_type: kind, media_type: `${kind}/ogg`, media_content_id: anyId }))
    }))
  ),
  ...refused(send, [
    ...noPhones,
    ["there is no type", { phone_number: "4915112345678", message: "x" }, failure("message_type is required")],
    [
      "the type is another",
      { phone_number: "4915112345678", message_type: "image", message: "x" },
      failure('message_type must be "text" or "audio" or "video"')
    ],
    ["there is no text", { phone_number: "4915112345678", message_type: "text" }, failure("message is required")],
    [
      "the text is null",
      { phone_number: "4915112345678", message_type: "text", message: null },
      failure("message is required")
    ],
    [
      "the text is blank",
      { phone_number: "4915112345678", message_type: "text", message: " \n" },
      failure("message must not be blank")
    ],
    [
      "the text is no text",
      { phone_number: "4915112345678", message_type: "text", message: 7 },
      failure("message must be a string or null")
    ],
    [
      "the text is too long",
      { phone_number: "4915112345678", message_type: "text", message: "x".repeat(10_001) },
      failure("message must be at most 10000 characters")
    ],
    [
      "the text has a NUL in it",
      { phone_number: "4915112345678", message_type: "text", message: "a\u0000b" },
      failure("message must be well-formed text without NUL characters")
    ],
    [
      "there is no clip",
      { phone_number: "4915112345678", message_type: "audio" },
      failure("media_content_id is required")
    ],
    [
      "the clip is a text",
      { phone_number: "4915112345678", message_type: "video", media_content_id: "7" },
      failure("media_content_id must be a number or null")
    ],
    ...[0, -1, 1.5].map(
      (media_content_id) =>
        [
          `the clip is ${media_content_id}`,
          { phone_number: "4915112345678", message_type: "video", media_content_id },
          expect.objectContaining({ success: false, message: expect.stringMatching(/^media_content_id must be/) })
        ] as const
    ),
    [
      "the client's id is empty",
      { phone_number: "4915112345678", message_type: "text", message: "x", client_message_id: "" },
      expect.objectContaining({ success: false, message: expect.stringMatching(/^client_message_id must be/) })
    ],
    [
      "the client's id is a number",
      { phone_number: "4915112345678", message_type: "text", message: "x", client_message_id: 7 },
      failure("client_message_id must be a string or null")
    ]
  ]),
  {
    route: send,
    status: 400,
    when: "the clip is of the other kind",
    ask: async ({ api }) => {
      const { ada, bob } = await people(api)
      const media_content_id = clipId(await uploadClip(api, ada, ogg(1), "audio"))
      return { token: ada.token, json: { phone_number: bob.phone, message_type: "video", media_content_id } }
    },
    body: failure("message_type must be audio, as the media content is")
  },
  ...(["requesting", "invited"] as const).map((status): Case => ({
    route: send,
    status: 403,
    when: `they are ${status}`,
    ask: async ({ api }) => {
      const { ada, cyd } = await people(api)
      const phone_number = status === "invited" ? somePhone() : cyd.phone
      if (status === "invited") await requestFriend(api, ada, { phone: phone_number, token: "" })
      return { token: ada.token, json: { phone_number, message_type: "text", message: "x" } }
    },
    body: failure("Only friends can write to each other")
  })),
  {
    route: send,
    status: 404,
    when: "nobody with that number is in the list",
    ask: asAda(() => ({ json: { phone_number: somePhone(), message_type: "text", message: "x" } })),
    body: failure("Recipient not found")
  },
  {
    route: send,
    status: 404,
    when: "it is oneself",
    ask: asAda(({ ada }) => ({ json: { phone_number: ada.phone, message_type: "text", message: "x" } })),
    body: failure("Recipient not found")
  },
  ...["somebody else's", "nobody's"].map((whose): Case => ({
    route: send,
    status: 404,
    when: `the clip is ${whose}`,
    ask: async ({ api }) => {
      const { ada, bob } = await people(api)
      const media_content_id = whose === "nobody's" ? 2 ** 40 : clipId(await uploadClip(api, bob, ogg(1)))
      return { token: ada.token, json: { phone_number: bob.phone, message_type: "audio", media_content_id } }
    },
    body: failure("Media content not found")
  })),
  {
    route: send,
    status: 409,
    when: "the client has called another message so",
    ask: async ({ api }) => {
      const { ada, bob } = await people(api)
      const client_message_id = crypto.randomUUID()
      await sendText(api, ada, bob, "one", client_message_id)
      return {
        token: ada.token,
        json: { phone_number: bob.phone, message_type: "text", message: "two", client_message_id }
      }
    },
    body: failure("client_message_id was used for another message")
  },
  {
    route: read,
    status: 200,
    when: "it was sent to the reader",
    ask: async ({ api }) => {
      const { ada, bob } = await people(api)
      return { token: ada.token, json: { message_id: (await sendText(api, bob, ada, "x")).id } }
    },
    body: { success: true }
  },
  ...["the reader's own", "between others", "nobody's"].map((whose): Case => ({
    route: read,
    status: 404,
    when: `it is ${whose}`,
    ask: async ({ api }) => {
      const { ada, bob, cyd } = await people(api)
      const { id } = whose === "nobody's" ? { id: 2 ** 40 } : await sendText(api, ada, bob, "x")
      return { token: whose === "between others" ? cyd.token : ada.token, json: { message_id: id } }
    },
    body: failure("Message not found")
  })),
  ...refused(read, [
    ["there is no id", {}, failure("message_id is required")],
    ["the id is a text", { message_id: "7" }, failure("message_id must be a number")],
    noObject
  ]),
  ...[0, -1, 1.5].map((message_id): Case => ({
    route: read,
    status: 400,
    when: `the id is ${message_id}`,
    ask: asAda(() => ({ json: { message_id } })),
    body: expect.objectContaining({ success: false, message: expect.stringMatching(/^message_id must be/) })
  })),
  {
    route: readAll,
    status: 200,
    when: "they are in the list",
    ask: asAda(({ bob }) => ({ json: { phone_number: `+${bob.phone}` } })),
    body: { success: true }
  },
  {
    route: readAll,
    status: 404,
    when: "they are not in the list",
    ask: asAda(() => ({ json: { phone_number: somePhone() } })),
    body: failure("Contact not found")
  },
  ...refused(readAll, noPhones)
]

const Listed = Schema.Struct({ messages: Schema.Array(Schema.Struct({ id: Schema.Int, message: Schema.String })) })

onEach("messages of talk", (rookery) => {
  const { api } = rookery
  everyDocumentedStatus(rookery, documented, cases)

  const friends = async () => {
    const [ada, bob] = [await signUpByPhone(api), await signUpByPhone(api)]
    await befriend(api, ada, bob)
    return [ada, bob] as const
  }
  const page = async ({ token }: Talker, { phone }: Talker, query: string) => {
    const { body, status, text } = await api.get(`/api/messages/${phone}${query}`, { token })
    assert.strictEqual(status, 200, text)
    return Schema.decodeUnknownSync(Listed)(body).messages
  }
  const put = (route: "read" | "read_all_text", { token }: Talker, json: object) =>
    api.put(`/api/messages/${route}`, json, { token })

  describe("a conversation", () => {
    it("is the same for both, the newest first, and says who wrote to whom and what became of it", async () => {
      const [ada, bob] = await friends()
      const first = await sendText(api, ada, bob, "Are you there?")
      const second = await sendText(api, bob, ada, "Yes")
      const from = ({ phone }: Talker, to: Talker) => ({ sender: phone, receiver: to.phone })
      for (const [one, other] of [
        [ada, bob],
        [bob, ada]
      ] as const) {
        const { body } = await api.get(`/api/messages/${other.phone}`, { token: one.token })
        expect(body).toStrictEqual(messages(message("Yes", from(bob, ada)), message("Are you there?", from(ada, bob))))
        assert.deepStrictEqual(
          (await messagesWith(api, one, other)).map(({ id }) => id),
          [second.id, first.id]
        )
      }
    })

    it("counts what is not seen, touches both, and is seen message by message or all texts at once", async () => {
      const [ada, bob] = await friends()
      const unread = async () => (await contactOf(api, bob, ada)).unread_messages
      const texts = [await sendText(api, ada, bob, "one"), await sendText(api, ada, bob, "two")]
      const id = clipId(await uploadClip(api, ada, ogg(1)))
      const clip = { phone_number: bob.phone, message_type: "audio", media_content_id: id }
      assert.strictEqual((await api.post("/api/messages/send", clip, { token: ada.token })).status, 200)
      assert.strictEqual(await unread(), 3)
      assert.strictEqual((await contactOf(api, ada, bob)).unread_messages, 0)

      for (let again = 0; again < 2; again++) {
        assert.deepInclude(await put("read", bob, { message_id: texts[0]?.id }), {
          status: 200,
          body: { success: true }
        })
        assert.strictEqual(await unread(), 2)
      }
      for (let again = 0; again < 2; again++) {
        assert.deepInclude(await put("read_all_text", bob, { phone_number: ada.phone }), {
          status: 200,
          body: { success: true }
        })
        assert.strictEqual(await unread(), 1)
      }
      assert.deepStrictEqual(
        (await messagesWith(api, ada, bob)).map(({ status }) => status),
        ["created", "seen", "seen"]
      )
      const [newest] = await messagesWith(api, bob, ada)
      await put("read", bob, { message_id: newest?.id })
      assert.strictEqual(await unread(), 0)
    })

    it("is given in parts: 100 where nothing is said, 255 at most, from before_id on", async () => {
      const [ada, bob] = await friends()
      const first = await sendText(api, ada, bob, "1")
      await rookery.query(`INSERT INTO messages (low_id, high_id, sender_id, kind, body, status, created_at)
        SELECT low_id, high_id, sender_id, kind, n::text, status, created_at
        FROM messages, generate_series(2, 300) AS n WHERE id = ${first.id}`)
      const texts = (found: ReadonlyArray<{ readonly message: string }>) => found.map(({ message }) => Number(message))
      const downFrom = (newest: number, count: number) => Array.from({ length: count }, (_, n) => newest - n)
      assert.deepStrictEqual(texts(await page(bob, ada, "")), downFrom(300, 100))
      for (const count of [255, 256, 1000, "0000001000", "9".repeat(400)]) {
        assert.deepStrictEqual(texts(await page(bob, ada, `?count=${count}`)), downFrom(300, 255), `${count}`)
      }
      const seen: Array<number> = []
      for (let query = "?count=70"; ;) {
        const part = await page(ada, bob, query)
        if (part.length === 0) break
        seen.push(...texts(part))
        query = `?count=70&before_id=${part.at(-1)?.id}`
      }
      assert.deepStrictEqual(seen, downFrom(300, 300))
      assert.deepStrictEqual(await page(ada, bob, `?before_id=${first.id}`), [])
    })

    it("stays readable to both when the friendship is over, and nobody writes any more", async () => {
      const [ada, bob] = await friends()
      await sendText(api, ada, bob, "Farewell")
      await api.put("/api/contacts/delete", { phone_number: bob.phone }, { token: ada.token })
      const expected = failure("Only friends can write to each other")
      for (const [one, other] of [
        [ada, bob],
        [bob, ada]
      ] as const) {
        assert.lengthOf(await page(one, other, ""), 1)
        const text = { phone_number: other.phone, message_type: "text", message: "Wait" }
        const answer = await api.post("/api/messages/send", text, { token: one.token })
        assert.deepInclude(answer, { status: 403, body: expected })
      }
      assert.lengthOf(await page(bob, ada, ""), 1)
    })

    it("has one message however often it is sent under one id, at once as well", async () => {
      const [ada, bob] = await friends()
      const id = crypto.randomUUID()
      const all = await Promise.all(Array.from({ length: 10 }, () => sendText(api, ada, bob, "Once", id)))
      assert.lengthOf(new Set(all.map((sent) => sent.id)), 1)
      // The other's ids are their own.
      await sendText(api, bob, ada, "Twice", id)
      assert.lengthOf(await page(ada, bob, ""), 2)
    })

    it("is nobody else's", async () => {
      const [ada, bob] = await friends()
      const eve = await signUpByPhone(api)
      const { id } = await sendText(api, ada, bob, "Between us")
      await requestFriend(api, eve, ada)
      assert.deepStrictEqual(await page(eve, ada, ""), [])
      assert.strictEqual((await api.get(`/api/messages/${bob.phone}`, { token: eve.token })).status, 404)
      assert.strictEqual((await put("read", eve, { message_id: id })).status, 404)
      assert.strictEqual((await put("read_all_text", eve, { phone_number: bob.phone })).status, 404)
      assert.strictEqual((await contactOf(api, bob, ada)).unread_messages, 1)
      assert.deepInclude(await api.get(`/api/contacts/${bob.phone}`, { token: eve.token }), {
        status: 200,
        body: { success: true, contacts: [] }
      })
    })

    it("shows the number that each of the two has now", async () => {
      const [ada, bob] = await friends()
      await sendText(api, ada, bob, "Before")
      const phone = somePhone()
      const code = await ask(api, "signup", phone, { token: ada.token })
      tokenIn(await complete(api, "signup", phone, code, { token: ada.token }))
      const { body } = await api.get(`/api/messages/${phone}`, { token: bob.token })
      expect(body).toStrictEqual(messages(message("Before", { sender: phone, receiver: bob.phone })))
      const own = await api.get(`/api/messages/${bob.phone}`, { token: ada.token })
      expect(own.body).toStrictEqual(messages(message("Before", { sender: phone, receiver: bob.phone })))
    })
  })

  describe("two apps", () => {
    let ada: Talker
    let bob: Talker
    beforeAll(async () => {
      ada = await signUpByPhone(api)
      bob = await signUpByPhone(api)
    })

    it("talk, in the words of the document and of PuffinTalk's own app", async () => {
      const as = ({ token }: Talker) => ({ token })
      // The app asks by POST, and gives a clip its media type.
      const asked = await api.post(
        "/api/contacts/request",
        { phone_number: `+${bob.phone}`, display_name: "Bob" },
        as(ada)
      )
      expect(asked.body).toMatchObject({ success: true, contacts: [{ status: "requesting", display_name: "Bob" }] })
      const accepted = await api.put("/api/contacts/accept", { phone_number: ada.phone }, as(bob))
      expect(accepted.body).toMatchObject({ success: true, contacts: [{ status: "accepted" }] })
      const media_content_id = clipId(await uploadClip(api, ada, ogg(3), "audio/ogg; codecs=opus"))
      const clip = { phone_number: bob.phone, message_type: "audio", message: "", media_content_id }
      const sent = await api.post("/api/messages/send", clip, as(ada))
      expect(sent.body).toStrictEqual(
        messages(message("", { message_type: "audio", media_type: "audio/ogg", media_content_id }))
      )
      const [received] = await messagesWith(api, bob, ada)
      const played = await fetch(`${api.url}/api/messages/media/${media_content_id}?token=${bob.token}`)
      assert.strictEqual(played.status, 200)
      assert.deepStrictEqual(Buffer.from(await played.arrayBuffer()), ogg(3))
      await put("read", bob, { message_id: received?.id })
      await put("read_all_text", bob, { phone_number: ada.phone })
      assert.deepStrictEqual(
        (await messagesWith(api, ada, bob)).map(({ status }) => status),
        ["seen"]
      )
    })
  })
})
