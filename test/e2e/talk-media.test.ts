import { Effect, Redacted } from "effect"
import { randomBytes } from "node:crypto"
import { readdir } from "node:fs/promises"
import { connect, type Socket } from "node:net"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, expect, it } from "vitest"
import { newBucket, s3, settings } from "../adapters/s3/S3Store.ts"
import { aac, flac, heads, mp3, mp4, ogg, others, wav, webm } from "../contracts/Clips.ts"
import type { ApiClient } from "../support/ApiClient.ts"
import { s3Url } from "../support/Services.ts"
import { anyId, type Case, type Documented, everyDocumentedStatus } from "./DocumentedRoutes.ts"
import { eventually } from "./Eventually.ts"
import { bytesRead, hasProcessMemory } from "./ProcessMemory.ts"
import { request, sendRaw } from "./RawHttp.ts"
import { embedded, type Environment, LiveRookery, onEach, server } from "./Suites.ts"
import { failure, invalidToken, noNumber, signUpByPhone } from "./TalkAccounts.ts"
import { byPath, byQuery, clipForm, clipId, download, uploadClip, uploadPath } from "./TalkClips.ts"
import { befriend, type Talker } from "./Talkers.ts"
import { type TcpProxy, tcpProxy } from "./TcpProxy.ts"
import { form } from "./V1Avatars.ts"

const route = `POST ${uploadPath}`

const documented: Documented = {
  [route]: [200, 400],
  "GET /api/messages/media": [400, 404],
  "GET /api/messages/media/{media_content_id}": [400, 404]
}

const mebibytes = (count: number) => count * 1024 * 1024
const tooLarge = failure("The file must be at most 100 MB")
const noForm = failure("The request body must be multipart/form-data")
const broken = failure("The request body is not valid multipart/form-data")
const invalidType = failure("media_type must be audio, video, or a media type of either such as video/mp4")
const notFound = failure("Media content not found")

const talkers = new WeakMap<ApiClient, Promise<Talker>>()
const anybody = (api: ApiClient): Promise<Talker> => {
  const known = talkers.get(api) ?? signUpByPhone(api)
  talkers.set(api, known)
  return known
}

const as =
  (asked: object): Case["ask"] =>
  async ({ api }) => ({ token: (await anybody(api)).token, ...asked })

const upload = (
  status: number,
  when: string,
  content: string | Uint8Array,
  mediaType: string,
  body: Case["body"]
): Case => ({
  route,
  status,
  when,
  ask: as({ ...clipForm(content), query: `?media_type=${encodeURIComponent(mediaType)}` }),
  body
})

const uploaded = (duration: number | null) => ({ success: true, id: anyId, duration })

const taken: ReadonlyArray<readonly [type: string, content: Uint8Array, duration: number | null]> = [
  ["audio", wav(2), 2],
  ["audio/wav", wav(1), 1],
  ["audio/mpeg", mp3(5), expect.closeTo(5, 1)],
  ["audio/mp3", mp3(5), expect.closeTo(5, 1)],
  ["audio", aac(3), expect.any(Number)],
  ["audio/mp4", mp4(4, "M4A "), 4],
  ["audio/m4a", mp4(4, "M4A "), 4],
  ["audio/ogg; codecs=opus", ogg(3), 3],
  ["AUDIO/OGG", ogg(3), 3],
  ["audio/webm;codecs=opus", webm(2), 2],
  ["audio/flac", flac(6), 6],
  ["audio/amr", heads.amr, null],
  ["video", mp4(7), 7],
  ["video/mp4", mp4(7), 7],
  ["video/quicktime", mp4(7, "qt  "), 7],
  ["video/3gpp", mp4(7, "3gp5"), 7],
  ["video/webm", webm(undefined), null]
]

const file = (content: string | Uint8Array) => ({ name: "file", filename: "a.ogg", content })
const audio = "?media_type=audio"

const cases: ReadonlyArray<Case> = [
  ...taken.map(([type, content, duration]) => upload(200, `it is ${type}`, content, type, uploaded(duration))),
  {
    route,
    status: 200,
    when: "there are other parts, which are passed over",
    ask: as({
      ...form([
        { name: "title", content: "Me" },
        { name: "other", filename: "a.bin", content: "x".repeat(100_000) },
        file(ogg(1)),
        { name: "last", content: "" }
      ]),
      query: audio
    }),
    body: uploaded(1)
  },
  {
    route,
    status: 401,
    when: "there is no token",
    ask: () => ({ ...clipForm(ogg(1)), query: audio }),
    body: invalidToken
  },
  {
    route,
    status: 401,
    when: "the token is in the URL",
    ask: async ({ api }) => ({ ...clipForm(ogg(1)), query: `${audio}&token=${(await anybody(api)).token}` }),
    body: invalidToken
  },
  {
    route,
    status: 400,
    when: "the account has no number",
    ask: ({ ada }) => ({ as: ada, ...clipForm(ogg(1)), query: audio }),
    body: noNumber
  },
  {
    route,
    status: 400,
    when: "there is no media_type",
    ask: as(clipForm(ogg(1))),
    body: failure("media_type is required")
  },
  {
    route,
    status: 400,
    when: "there are two media_types",
    ask: as({ ...clipForm(ogg(1)), query: "?media_type=audio&media_type=video" }),
    body: failure("media_type must be sent once")
  },
  ...["", "text", "image", "image/png", "audio/", "audio/mp4/x", "application/ogg"].map((type) =>
    upload(400, `the media_type is "${type}"`, ogg(1), type, invalidType)
  ),
  ...Object.entries(others).map(([name, content]) =>
    upload(400, `it is ${name}`, content, "audio", failure("The file is no clip of a format that is taken"))
  ),
  upload(400, "it is empty", "", "audio", failure("The file is empty")),
  upload(400, "it is sound, and was named a video", mp3(1), "video", failure("The file is not video")),
  upload(400, "it is a video, and was named sound", heads.avi, "audio", failure("The file is not audio")),
  upload(400, "it is another type than was named", ogg(1), "audio/mpeg", failure("The file is not audio/mpeg")),
  {
    route,
    status: 400,
    when: "there is no part",
    ask: as({ ...form([]), query: audio }),
    body: failure("file is required")
  },
  {
    route,
    status: 400,
    when: "the part has another name",
    ask: as({ ...form([{ ...file(ogg(1)), name: "clip" }]), query: audio }),
    body: failure("file is required")
  },
  {
    route,
    status: 400,
    when: "the part is no file",
    ask: as({ ...form([{ name: "file", content: "a.ogg" }]), query: audio }),
    body: failure("file must be a file")
  },
  {
    route,
    status: 400,
    when: "there are two clips",
    ask: as({ ...form([file(ogg(1)), file(ogg(1))]), query: audio }),
    body: failure("file must be sent once")
  },
  {
    route,
    status: 400,
    when: "there are more parts than a form has",
    ask: as({ ...form(Array.from({ length: 40 }, () => ({ name: "x", content: "x" }))), query: audio }),
    body: failure("The request body has more in it than a file")
  },
  { route, status: 400, when: "it is JSON", ask: as({ json: { file: "a.ogg" }, query: audio }), body: noForm },
  {
    route,
    status: 400,
    when: "it is the clip itself",
    ask: as({ headers: { "content-type": "audio/ogg" }, body: new Uint8Array(ogg(1)), query: audio }),
    body: noForm
  },
  { route, status: 400, when: "there is nothing", ask: as({ query: audio }), body: noForm },
  ...["multipart/form-data", "multipart/form-data; boundary=other"].map((type): Case => ({
    route,
    status: 400,
    when: `the form is said to be ${type}`,
    ask: as({ ...clipForm(ogg(1)), headers: { "content-type": type }, query: audio }),
    body: broken
  })),
  {
    route,
    status: 400,
    when: "the form has no end",
    ask: async ({ api }) => {
      const { body, headers } = clipForm(ogg(1))
      return { token: (await anybody(api)).token, headers, body: body.slice(0, -10), query: audio }
    },
    body: broken
  },
  ...["GET /api/messages/media", "GET /api/messages/media/{media_content_id}"].flatMap((route): ReadonlyArray<Case> => {
    const isQuery = route.endsWith("media")
    const asked = (id: string) =>
      isQuery ? { query: `?media_content_id=${id}` } : { params: { media_content_id: id } }
    return [
      { route, status: 401, when: "there is no token", ask: () => asked("1"), body: invalidToken },
      {
        route,
        status: 401,
        when: "neither token opens anything",
        ask: () => ({
          token: "nonsense",
          params: { media_content_id: 1 },
          query: "?media_content_id=1&token=nonsense"
        }),
        body: invalidToken
      },
      {
        route,
        status: 400,
        when: "the account has no number",
        ask: ({ ada }) => ({ as: ada, ...asked("1") }),
        body: noNumber
      },
      ...["0", "-1", "x", "1.5", "9999999999999999"].map((id): Case => ({
        route,
        status: 400,
        when: `the id is ${id}`,
        ask: as(asked(id)),
        body: expect.objectContaining({ success: false, message: expect.stringMatching(/^media_content_id must be/) })
      })),
      ...(isQuery
        ? [
            {
              route,
              status: 400,
              when: "there is no id",
              ask: as({}),
              body: failure("media_content_id is required")
            }
          ]
        : []),
      { route, status: 404, when: "nobody has it", ask: as(asked(String(2 ** 40))), body: notFound }
    ]
  })
]

/** What lies in the blob store. */
type Stored = (rookery: LiveRookery) => Promise<ReadonlyArray<string>>

const inFolder: Stored = async ({ folder }) => {
  const files = await readdir(join(folder, "data/blobs"), { recursive: true, withFileTypes: true })
  return files.filter((one) => one.isFile()).map(({ name }) => name)
}

let bucket = ""
const inBucket: Stored = async () => {
  const { Contents = [] } = await s3.listObjectsV2({ Bucket: bucket })
  return Contents.map(({ Key }) => Key ?? "")
}

/** What stands before the store, to be cut. */
let way: TcpProxy

const onS3: Environment = {
  name: "server Postgres with an S3 store",
  needs: [...server.needs, s3Url],
  variables: Effect.gen(function* () {
    bucket = yield* newBucket
    const { hostname, port } = new URL(settings.endpoint)
    way = yield* tcpProxy({ host: hostname, port: Number(port) })
    return {
      ...(yield* server.variables),
      S3_ENDPOINT: `http://127.0.0.1:${way.port}`,
      S3_REGION: settings.region,
      S3_BUCKET: bucket,
      S3_ACCESS_KEY_ID: settings.accessKeyId,
      S3_SECRET_ACCESS_KEY: Redacted.value(settings.secretAccessKey)
    }
  })
}

/** Before the clip and after it, in a form. */
const [head, tail] = ['--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n', "\r\n--b--\r\n"]

interface Slowly {
  readonly token: string
  readonly headers: ReadonlyArray<string>
  /** One after the other, each when the one before has gone. */
  readonly chunks: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>
}

const drained = (socket: Socket) =>
  new Promise<void>((resolve) => {
    const go = () => {
      socket.off("drain", go).off("close", go)
      resolve()
    }
    socket.on("drain", go).on("close", go)
  })

/** An upload over a connection of its own: what came back, and how many bytes went before it. */
const send = (api: ApiClient, { chunks, headers, token }: Slowly) =>
  new Promise<{ readonly answer: string; readonly sent: number }>((resolve, reject) => {
    const { hostname, port } = new URL(api.url)
    const socket = connect({ host: hostname, port: Number(port), noDelay: true })
    let [answer, sent, isWhole] = ["", 0, false]
    /** Whose body was read goes by itself; any other has to be sent away. */
    const leave = () => isWhole && /\r\n\r\n\{.*\}$/s.test(answer) && socket.end()
    const timer = setTimeout(() => reject(new Error(`no end after ${sent} bytes: ${answer}`)), 60_000)
    socket.on("data", (data: Buffer) => {
      answer += data.toString("latin1")
      leave()
    })
    socket.on("error", () => undefined)
    socket.on("close", () => {
      clearTimeout(timer)
      resolve({ answer, sent })
    })
    const lines = [
      `POST ${uploadPath}?media_type=audio HTTP/1.1`,
      "Host: x",
      `Authorization: Bearer ${token}`,
      "Content-Type: multipart/form-data; boundary=b",
      ...headers
    ]
    socket.write(`${lines.join("\r\n")}\r\n\r\n`)
    const writeAll = async () => {
      for await (const chunk of chunks) {
        if (!socket.writable) return
        sent += chunk.length
        if (!socket.write(chunk)) await drained(socket)
      }
      isWhole = true
      leave()
    }
    writeAll().catch(reject)
  })

/**
 * An upload that takes longer than the body of any other request may. It is begun before all other tests and ends after
 * them, since its time is the server's own; and on a server of its own, since others look at what is stored meanwhile.
 */
const slowly = new LiveRookery(embedded, {})
let slowUpload: ReturnType<typeof send>
beforeAll(async () => {
  await slowly.prepare()
  await slowly.start()
  const { token } = await signUpByPhone(slowly.api)
  const form = Buffer.concat([head, wav(3), tail].map((part) => Buffer.from(part)))
  async function* drops() {
    const size = Math.ceil(form.length / 33)
    for (let at = 0; at < form.length; at += size) {
      yield form.subarray(at, at + size)
      await new Promise((resolve) => setTimeout(resolve, 1000))
    }
  }
  slowUpload = send(slowly.api, { token, headers: [`Content-Length: ${form.length}`], chunks: drops() })
  // Who waits for it comes late.
  slowUpload.catch(() => {})
}, 60_000)
afterAll(slowly.scope.close, 60_000)

const suite = (stored: Stored) => (rookery: LiveRookery) => {
  const { api } = rookery

  everyDocumentedStatus(rookery, documented, cases)

  const friends = async () => {
    const [ada, bob] = [await signUpByPhone(api), await signUpByPhone(api)]
    await befriend(api, ada, bob)
    return [ada, bob] as const
  }
  const sendClip = (from: Talker, to: Talker, id: number, kind = "audio") =>
    api.post(
      "/api/messages/send",
      { phone_number: to.phone, message_type: kind, media_content_id: id },
      { token: from.token }
    )

  describe("a clip", () => {
    it("comes as it was sent, by either path, and is no page to any browser", async () => {
      const ada = await signUpByPhone(api)
      const content = Buffer.concat([mp4(3, "isom", { media: 300_000 }), randomBytes(1000)])
      const id = clipId(await uploadClip(api, ada, content, "video"))
      for (const path of [byQuery(id), byPath(id), `${byPath(id)}/`, `${byPath(id)}?token=${ada.token}`]) {
        const { bytes, headers, status } = await download(api, path, path.includes("token") ? {} : ada)
        assert.strictEqual(status, 200, path)
        assert.isTrue(bytes.equals(content), path)
        for (const [name, value] of [
          ["content-type", "video/mp4"],
          ["content-length", String(content.length)],
          ["accept-ranges", "bytes"],
          ["cache-control", "private, no-cache"],
          ["content-disposition", "inline"],
          ["content-security-policy", "default-src 'none'"],
          ["x-content-type-options", "nosniff"],
          ["referrer-policy", "no-referrer"],
          ["content-range", null]
        ] as const) {
          assert.strictEqual(headers.get(name), value, name)
        }
        const head = await download(api, path, { method: "HEAD", ...(path.includes("token") ? {} : ada) })
        assert.deepStrictEqual([head.status, head.bytes.length], [200, 0])
        for (const name of ["content-type", "content-length", "etag", "accept-ranges", "cache-control"]) {
          assert.strictEqual(head.headers.get(name), headers.get(name), name)
        }
      }
    })

    it("comes in parts as they are asked for (RFC 9110, 14)", async () => {
      const ada = await signUpByPhone(api)
      const content = Buffer.concat([wav(1), randomBytes(100_000)])
      const { length } = content
      const path = byPath(clipId(await uploadClip(api, ada, content, "audio/wav")))
      const ask = (range: string, more: object = {}) =>
        download(api, path, { token: ada.token, headers: { range, ...more } })
      for (const [range, first, last] of [
        ["bytes=0-0", 0, 0],
        ["bytes=0-", 0, length - 1],
        ["bytes=100-199", 100, 199],
        ["Bytes=100-199", 100, 199],
        [`bytes=${length - 1}-`, length - 1, length - 1],
        [`bytes=${length - 10}-999999999`, length - 10, length - 1],
        ["bytes=-1", length - 1, length - 1],
        ["bytes=-5000", length - 5000, length - 1],
        ["bytes=-999999999", 0, length - 1]
      ] as const) {
        const { bytes, headers, status } = await ask(range)
        assert.strictEqual(status, 206, range)
        assert.isTrue(bytes.equals(content.subarray(first, last + 1)), range)
        assert.strictEqual(headers.get("content-range"), `bytes ${first}-${last}/${length}`)
        assert.strictEqual(headers.get("content-length"), String(last - first + 1))
        assert.strictEqual(headers.get("content-type"), "audio/wav")
        assert.isNotNull(headers.get("etag"))
      }
      for (const range of [`bytes=${length}-`, "bytes=999999999-", "bytes=-0"]) {
        const { bytes, headers, status } = await ask(range)
        assert.strictEqual(status, 416, range)
        assert.deepStrictEqual(JSON.parse(bytes.toString()), failure("There is no byte of that range"))
        assert.strictEqual(headers.get("content-range"), `bytes */${length}`)
        assert.isNull(headers.get("etag"))
      }
      for (const range of ["bytes=2-1", "bytes=0-1,4-5", "bytes=", "bytes=-", "bytes=a-b", "lines=1-2", "x", ""]) {
        const { bytes, headers, status } = await ask(range)
        assert.deepStrictEqual([status, bytes.length, headers.get("content-range")], [200, length, null], range)
      }
      const head = await download(api, path, { method: "HEAD", token: ada.token, headers: { range: "bytes=0-0" } })
      assert.deepStrictEqual([head.status, head.headers.get("content-length")], [200, String(length)])
    })

    it("is sent again only where it is not known, and in part only where it still is the same", async () => {
      const ada = await signUpByPhone(api)
      const path = byQuery(clipId(await uploadClip(api, ada, ogg(2))))
      const etag = (await download(api, path, ada)).headers.get("etag") ?? ""
      assert.match(etag, /^"[^"]+"$/)
      const ask = (headers: object) => download(api, path, { token: ada.token, headers })
      for (const known of [etag, `W/${etag}`, `"x", ${etag}`, "*"]) {
        for (const more of [{}, { range: "bytes=0-0" }]) {
          const { bytes, headers, status } = await ask({ "if-none-match": known, ...more })
          assert.deepStrictEqual([status, bytes.length, headers.get("etag")], [304, 0, etag], known)
        }
      }
      assert.strictEqual((await ask({ "if-none-match": '"x"' })).status, 200)
      assert.strictEqual((await ask({ "if-none-match": '"x"', range: "bytes=0-0" })).status, 206)
      const range = "bytes=10-19"
      assert.strictEqual((await ask({ range, "if-range": etag })).status, 206)
      for (const other of ['"x"', `W/${etag}`, "Fri, 20 Nov 2026 09:30:00 GMT", ""]) {
        assert.strictEqual((await ask({ range, "if-range": other })).status, 200, other)
      }
    })

    it("is for who uploaded it, and for the two sides of a message that carries it", async () => {
      const [ada, bob] = await friends()
      const eve = await signUpByPhone(api)
      await befriend(api, ada, eve)
      const id = clipId(await uploadClip(api, ada, ogg(1)))
      const statuses = async () => {
        const all = [ada, bob, eve].flatMap((one) => [byPath(id), byQuery(id)].map((path) => download(api, path, one)))
        return (await Promise.all(all)).map(({ status }) => status)
      }
      assert.deepStrictEqual(await statuses(), [200, 200, 404, 404, 404, 404])
      assert.strictEqual((await sendClip(ada, bob, id)).status, 200)
      assert.deepStrictEqual(await statuses(), [200, 200, 200, 200, 404, 404])
      // Who received it may not pass it on as his own.
      assert.deepInclude(await sendClip(bob, ada, id), { status: 404, body: notFound })
      assert.strictEqual((await download(api, byPath(id), { headers: { range: "bytes=0-0" }, ...eve })).status, 404)
      assert.strictEqual((await download(api, byPath(id), { method: "HEAD", ...eve })).status, 404)
      assert.strictEqual(
        (await download(api, byPath(id), { token: eve.token, headers: { "if-none-match": "*" } })).status,
        404
      )
    })

    it("opens to no session that has ended, by neither way to show its token", async () => {
      const ada = await signUpByPhone(api)
      const id = clipId(await uploadClip(api, ada, ogg(1)))
      assert.strictEqual((await download(api, `${byPath(id)}?token=${ada.token}`)).status, 200)
      assert.strictEqual((await api.get("/logout", { token: ada.token })).status, 200)
      assert.strictEqual((await download(api, byPath(id), ada)).status, 401)
      assert.strictEqual((await download(api, `${byPath(id)}?token=${ada.token}`)).status, 401)
    })

    it("has its token in the URL nowhere else", async () => {
      const { phone, token } = await signUpByPhone(api)
      for (const path of ["/api/contacts", `/api/messages/${phone}`, "/contacts", "/api/v1/contacts"]) {
        assert.strictEqual((await api.get(`${path}?token=${token}`)).status, 401, path)
      }
    })
  })

  describe("an upload", () => {
    const chunked = (bytes: string | Uint8Array) =>
      Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), Buffer.from(bytes), Buffer.from("\r\n")])
    const zeros = Buffer.alloc(mebibytes(1))

    it("of 100 MB is taken, and one byte more is not", async () => {
      const { token } = await anybody(api)
      const start = wav(1)
      function* clip(size: number) {
        yield head
        yield start
        for (let left = size - start.length; left > 0; left -= zeros.length) yield zeros.subarray(0, left)
        yield tail
      }
      for (const [size, status] of [
        [mebibytes(100), 200],
        [mebibytes(100) + 1, 413]
      ] as const) {
        const headers = [`Content-Length: ${head.length + size + tail.length}`]
        const { answer } = await send(api, { token, headers, chunks: clip(size) })
        assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `), `${size}`)
        if (status === 413) assert.include(answer, JSON.stringify(tooLarge))
      }
    }, 120_000)

    it("is cut off where it never ends, and the connection with it", async () => {
      const { token } = await anybody(api)
      function* endless() {
        yield chunked(head)
        yield chunked(wav(1))
        for (;;) yield chunked(zeros)
      }
      const before = await stored(rookery)
      const read = hasProcessMemory ? await bytesRead(rookery.server) : 0
      const { answer, sent } = await send(api, { token, headers: ["Transfer-Encoding: chunked"], chunks: endless() })
      assert.match(answer, /^HTTP\/1\.1 413 /)
      assert.include(answer, JSON.stringify(tooLarge))
      // What was sent and not read lies with the kernel, up to 36 MiB of it where both have much to do.
      if (hasProcessMemory) assert.isBelow((await bytesRead(rookery.server)) - read, mebibytes(105))
      else assert.isBelow(sent, mebibytes(101 + 40))
      assert.deepStrictEqual(await stored(rookery), before)
    }, 120_000)

    it("is refused by what it says of itself, and by its first bytes, before the rest is read", async () => {
      const { token } = await anybody(api)
      function* endless(start: Uint8Array) {
        yield head
        yield start
        for (;;) yield zeros
      }
      const length = (size: number) => [`Content-Length: ${size}`]
      const large = await send(api, { token, headers: length(mebibytes(102)), chunks: endless(wav(1)) })
      assert.match(large.answer, /^HTTP\/1\.1 413 /)
      // Nothing of it has to come for that.
      const lines = [`Authorization: Bearer ${token}`, "Content-Type: multipart/form-data; boundary=b"]
      const announced = [...lines, "Host: x", ...length(mebibytes(102))]
      const refused = await sendRaw(api.url, request(`POST ${uploadPath}?media_type=audio HTTP/1.1`, announced))
      assert.deepStrictEqual([refused.status, JSON.parse(refused.body)], [413, tooLarge])
      const stranger = await send(api, { token: "x", headers: length(mebibytes(90)), chunks: endless(wav(1)) })
      assert.match(stranger.answer, /^HTTP\/1\.1 401 /)
      const text = await send(api, {
        token,
        headers: length(mebibytes(90)),
        chunks: endless(Buffer.alloc(10_000, "x"))
      })
      assert.match(text.answer, /^HTTP\/1\.1 400 /)
      for (const { sent } of [large, stranger, text]) assert.isBelow(sent, mebibytes(20))
    })

    it("is refused while a hundred clips wait to be sent", async () => {
      const talker = await signUpByPhone(api)
      await rookery.query(
        `INSERT INTO media (account_id, kind, content_type, blob_key, size, created_at)
          SELECT id, 'audio', 'audio/ogg', 'media/none', 1, now()
          FROM accounts, generate_series(1, 100) WHERE phone_number = '${talker.phone}'`
      )
      const { body, status } = await uploadClip(api, talker, ogg(1))
      const message =
        "You have 100 clips that you have not sent. Send one of them first, or wait: they are removed after a day"
      assert.deepStrictEqual([status, body], [400, failure(message)])
    })

    it("that stops half-way leaves nothing behind", async () => {
      const { token } = await anybody(api)
      const before = await stored(rookery)
      async function* half() {
        yield head
        yield wav(60)
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
      const { hostname, port } = new URL(api.url)
      await new Promise<void>((resolve) => {
        const socket = connect({ host: hostname, port: Number(port) }, async () => {
          socket.write(
            `POST ${uploadPath}?media_type=audio HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n` +
              "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000000\r\n\r\n"
          )
          for await (const chunk of half()) socket.write(chunk)
          socket.resetAndDestroy()
        })
        socket.on("error", () => {}).on("close", () => resolve())
      })
      await eventually(async () => assert.deepStrictEqual(await stored(rookery), before))
    })
  })
}

onEach("media of talk", suite(inFolder), { only: [embedded] })
onEach("media of talk", suite(inBucket), { only: [onS3] })

onEach(
  "media of talk, whose store is away,",
  ({ api }) => {
    it("can neither be kept nor fetched, and can be again when it is back", async () => {
      const { token } = await signUpByPhone(api)
      const id = clipId(await uploadClip(api, { token }, ogg(1)))
      const unavailable = failure("Clips can't be stored or fetched right now. Try again in a while.")
      way.cut()
      assert.deepInclude(await uploadClip(api, { token }, ogg(1)), { status: 503, body: unavailable })
      for (const headers of [{}, { range: "bytes=0-0" }, { "if-none-match": '"x"' }]) {
        const { bytes, status } = await download(api, byPath(id), { token, headers })
        assert.deepStrictEqual([status, JSON.parse(bytes.toString())], [503, unavailable])
      }
      way.mend()
      assert.strictEqual((await download(api, byPath(id), { token })).status, 200)
      clipId(await uploadClip(api, { token }, ogg(1)))
    }, 120_000)
  },
  { only: [onS3], errors: true }
)

describe("a slow upload", () => {
  it("takes as long as the network does, where that of other requests may take 30 seconds", async () => {
    const { answer } = await slowUpload
    assert.match(answer, /^HTTP\/1\.1 200 /)
    assert.include(answer, '"duration":3')
  }, 120_000)
})
