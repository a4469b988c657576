import { Effect, Redacted } from "effect"
import { readdir } from "node:fs/promises"
import { connect } from "node:net"
import { join } from "node:path"
import sharp from "sharp"
import { assert, describe, expect, it } from "vitest"
import { newBucket, s3, settings } from "../adapters/s3/S3Store.ts"
import type { User } from "../support/ApiClient.ts"
import { s3Url } from "../support/Services.ts"
import {
  anyId,
  anyTime,
  type Case,
  type Documented,
  everyDocumentedStatus,
  invalid,
  problem
} from "./DocumentedRoutes.ts"
import { eventually } from "./Eventually.ts"
import { embedded, type Environment, type LiveRookery, onEach, server } from "./Suites.ts"
import { fetchPicture, form, pathIn, picture, upload, uploadOf, uploadPath } from "./V1Avatars.ts"
import { invalidToken } from "./V1Contacts.ts"

const publicUrl = "https://rookery.example"
const route = "POST /api/v1/users/me/avatar"

const documented: Documented = { [route]: [200, 400, 401, 415, 422] }

const mebibytes = (count: number) => count * 1024 * 1024
const tooLarge = invalid("file", "must be at most 5 MB")
const noPicture = invalid("file", "is no JPEG, PNG, GIF or WebP picture")
const noForm = problem(415, "The request body must be multipart/form-data")
const broken = problem(400, "The request body is not valid multipart/form-data")

const asAda =
  (asked: object): Case["ask"] =>
  ({ ada }) => ({ as: ada, ...asked })

const cases: ReadonlyArray<Case> = [
  ...(["png", "jpeg", "gif", "webp"] as const).map((format): Case => ({
    route,
    status: 200,
    when: `it is a ${format}, whatever its name`,
    ask: async ({ ada }) => ({ as: ada, ...uploadOf(await picture(40, 30, format), "me.txt") }),
    body: {
      id: anyId,
      username: expect.any(String),
      email: null,
      pending_email: null,
      is_verified: false,
      avatar_url: expect.stringMatching(/^https:\/\/rookery\.example\/api\/v1\/avatars\/[0-9a-f]{32}$/),
      created_at: anyTime
    }
  })),
  {
    route,
    status: 200,
    when: "there are other parts, which are passed over",
    ask: async ({ ada }) => ({
      as: ada,
      ...form([
        { name: "title", content: "Me" },
        { name: "other", filename: "a.bin", content: "x".repeat(100_000) },
        { name: "file", filename: "me.png", content: await picture() },
        { name: "last", content: "" }
      ])
    }),
    body: expect.objectContaining({ avatar_url: expect.any(String) })
  },
  { route, status: 401, when: "there is no token", ask: () => uploadOf("x"), body: invalidToken },
  {
    route,
    status: 422,
    when: "it is text with another name",
    ask: asAda(uploadOf("This is text.\n")),
    body: noPicture
  },
  {
    route,
    status: 422,
    when: "it is a page",
    ask: asAda(uploadOf("<!doctype html><script>alert(1)</script>")),
    body: noPicture
  },
  {
    route,
    status: 422,
    when: "it is a drawing",
    ask: asAda(uploadOf('<svg xmlns="http://www.w3.org/2000/svg"/>')),
    body: noPicture
  },
  { route, status: 422, when: "it is empty", ask: asAda(uploadOf("")), body: invalid("file", "is empty") },
  {
    route,
    status: 422,
    when: "it is a picture that ends too early",
    ask: async ({ ada }) => ({ as: ada, ...uploadOf((await picture(200, 200)).subarray(0, 50_000)) }),
    body: expect.objectContaining({ status: 422 })
  },
  {
    route,
    status: 422,
    when: "it has one byte too many",
    ask: asAda(uploadOf(new Uint8Array(mebibytes(5) + 1))),
    body: tooLarge
  },
  {
    route,
    status: 422,
    when: "it has 5 MB of nothing",
    ask: asAda(uploadOf(new Uint8Array(mebibytes(5)))),
    body: noPicture
  },
  {
    route,
    status: 422,
    when: "something else is too large",
    ask: asAda(form([{ name: "other", filename: "a", content: new Uint8Array(mebibytes(6)) }])),
    body: tooLarge
  },
  { route, status: 422, when: "there is no part", ask: asAda(form([])), body: invalid("file", "is required") },
  {
    route,
    status: 422,
    when: "the part has another name",
    ask: asAda(form([{ name: "avatar", filename: "me.png", content: "x" }])),
    body: invalid("file", "is required")
  },
  {
    route,
    status: 422,
    when: "the part is no file",
    ask: asAda(form([{ name: "file", content: "me.png" }])),
    body: invalid("file", "must be a file")
  },
  {
    route,
    status: 422,
    when: "there are two pictures",
    ask: async ({ ada }) => {
      const part = { name: "file", filename: "me.png", content: await picture() }
      return { as: ada, ...form([part, part]) }
    },
    body: invalid("file", "must be sent once")
  },
  {
    route,
    status: 422,
    when: "there are more parts than a form has",
    ask: asAda(form(Array.from({ length: 40 }, () => ({ name: "x", content: "x" })))),
    body: invalid("", "has more in it than a picture")
  },
  { route, status: 415, when: "it is JSON", ask: asAda({ json: { file: "me.png" } }), body: noForm },
  { route, status: 415, when: "it is a form of another type", ask: asAda({ form: { file: "me.png" } }), body: noForm },
  {
    route,
    status: 415,
    when: "it is the picture itself",
    ask: async ({ ada }) => ({
      as: ada,
      headers: { "content-type": "image/png" },
      body: new Uint8Array(await picture())
    }),
    body: noForm
  },
  { route, status: 415, when: "there is nothing", ask: asAda({}), body: noForm },
  ...["multipart/form-data", "multipart/form-data; boundary=other"].map((type): Case => ({
    route,
    status: 400,
    when: `the form is said to be ${type}`,
    ask: asAda({ ...uploadOf("x"), headers: { "content-type": type } }),
    body: broken
  })),
  {
    route,
    status: 400,
    when: "the form has no end",
    ask: async ({ ada }) => {
      const whole = uploadOf(await picture())
      return { as: ada, headers: whole.headers, body: whole.body.slice(0, -10) }
    },
    body: broken
  }
]

/** What lies in the blob store. */
type Stored = (rookery: LiveRookery) => Promise<ReadonlyArray<string>>

const inFolder: Stored = async ({ folder }) => {
  const files = await readdir(join(folder, "data/blobs"), { recursive: true, withFileTypes: true })
  return files.filter((file) => file.isFile()).map(({ name }) => name)
}

let bucket = ""
const inBucket: Stored = async () => {
  const { Contents = [] } = await s3.listObjectsV2({ Bucket: bucket })
  return Contents.map(({ Key }) => Key ?? "")
}

const onS3: Environment = {
  name: "server Postgres with an S3 store",
  needs: [...server.needs, s3Url],
  variables: Effect.gen(function* () {
    bucket = yield* newBucket
    return {
      ...(yield* server.variables),
      S3_ENDPOINT: settings.endpoint,
      S3_REGION: settings.region,
      S3_BUCKET: bucket,
      S3_ACCESS_KEY_ID: settings.accessKeyId,
      S3_SECRET_ACCESS_KEY: Redacted.value(settings.secretAccessKey)
    }
  })
}

const suite = (stored: Stored) => (rookery: LiveRookery) => {
  const { api } = rookery
  everyDocumentedStatus(rookery, documented, cases)

  const me = async ({ token }: User) => api.get("/api/v1/users/me", { token })

  describe("an avatar", () => {
    it("is a square of 512 pixels at most, which everybody may keep for good", async () => {
      const user = await api.signUp()
      const path = pathIn(await upload(api, user, await picture(900, 700, "jpeg")))
      const { bytes, headers, status } = await fetchPicture(api, path)
      assert.strictEqual(status, 200)
      const { format, height, width } = await sharp(bytes).metadata()
      assert.deepStrictEqual([format, width, height], ["webp", 512, 512])
      for (const [name, value] of [
        ["content-type", "image/webp"],
        ["content-length", String(bytes.length)],
        ["cache-control", "public, max-age=31536000, immutable"],
        ["x-content-type-options", "nosniff"],
        ["content-security-policy", "default-src 'none'"],
        ["cross-origin-resource-policy", "cross-origin"]
      ] as const) {
        assert.strictEqual(headers.get(name), value, name)
      }
      const head = await api.request("HEAD", path)
      assert.deepStrictEqual([head.status, head.text], [200, ""])
      for (const name of ["content-type", "content-length", "etag", "cache-control"]) {
        assert.strictEqual(head.headers.get(name), headers.get(name), name)
      }
      const etag = headers.get("etag") ?? ""
      for (const known of [etag, `W/${etag}`, `"x", ${etag}`, "*"]) {
        const answer = await api.get(path, { headers: { "if-none-match": known } })
        assert.deepStrictEqual([answer.status, answer.text, answer.headers.get("etag")], [304, "", etag], known)
      }
      assert.strictEqual((await api.get(path, { headers: { "if-none-match": '"x"' } })).status, 200)
      assert.strictEqual(pathIn(await me(user)), path)
    })

    it("is not there where nobody has it, and nowhere else", async () => {
      const notFound = problem(404, "Avatar not found")
      for (const id of ["0".repeat(32), "0".repeat(31), "x", "..%2f..%2fpostgres", "A".repeat(32), "%00"]) {
        const answer = await api.get(`/api/v1/avatars/${id}`)
        assert.deepStrictEqual([answer.status, answer.body], [404, notFound], id)
        assert.isNull(answer.headers.get("cache-control"))
      }
      const { body, headers, status } = await api.delete(`/api/v1/avatars/${"0".repeat(32)}`)
      assert.deepStrictEqual([status, body], [405, problem(405, "Method not allowed")])
      assert.strictEqual(headers.get("allow"), "GET, HEAD, OPTIONS")
    })

    it("takes the place of the one before, which is removed", async () => {
      const user = await api.signUp()
      const before = pathIn(await upload(api, user, await picture()))
      const after = pathIn(await upload(api, user, await picture()))
      assert.notStrictEqual(after, before)
      assert.strictEqual(pathIn(await me(user)), after)
      await eventually(async () => assert.strictEqual((await api.get(before)).status, 404), 10_000, 50)
      assert.strictEqual((await api.get(after)).status, 200)
    })

    it("stays when what is sent next is refused", async () => {
      const user = await api.signUp()
      const path = pathIn(await upload(api, user, await picture()))
      assert.strictEqual((await upload(api, user, "no picture")).status, 422)
      assert.strictEqual(pathIn(await me(user)), path)
      assert.strictEqual((await api.get(path)).status, 200)
    })

    it("goes with its account", async () => {
      const user = await api.signUp()
      const path = pathIn(await upload(api, user, await picture()))
      const { status } = await api.delete("/api/v1/users/me", { token: user.token, json: { password: user.password } })
      assert.strictEqual(status, 204)
      await eventually(async () => assert.strictEqual((await api.get(path)).status, 404), 10_000, 50)
    })

    it("is taken once under one key, whatever the form around it", async () => {
      const user = await api.signUp()
      const [one, other] = [await picture(), await picture()]
      const send = (content: Buffer) => upload(api, user, content, { "idempotency-key": "once" })
      const first = await send(one)
      const again = await send(one)
      assert.strictEqual(first.status, 200, first.text)
      assert.deepStrictEqual([again.status, again.text], [200, first.text])
      assert.deepStrictEqual(
        [first, again].map(({ headers }) => headers.get("idempotent-replayed")),
        [null, "true"]
      )
      assert.deepStrictEqual(
        (await send(other)).body,
        invalid("Idempotency-Key", "was used for another request before")
      )
      assert.strictEqual(pathIn(await me(user)), pathIn(first))
      const large = await upload(api, user, new Uint8Array(mebibytes(5) + 1), { "idempotency-key": "large" })
      assert.deepStrictEqual(large.body, tooLarge)
    })
  })

  describe("an upload", () => {
    /** Over a connection of its own: what came back, and how many bytes went before it. */
    const sendEndlessly = (headers: ReadonlyArray<string>, first: string, chunk: Buffer) =>
      new Promise<{ readonly answer: string; readonly sent: number }>((resolve, reject) => {
        const { hostname, port } = new URL(api.url)
        const socket = connect({ host: hostname, port: Number(port) })
        let [answer, sent] = ["", 0]
        const timer = setTimeout(() => reject(new Error(`no end after ${sent} bytes: ${answer}`)), 15_000)
        const more = () => {
          while (socket.writable && sent < mebibytes(200)) {
            sent += chunk.length
            if (!socket.write(chunk)) return
          }
        }
        socket.on("data", (data: Buffer) => (answer += data.toString("latin1")))
        socket.on("error", () => undefined)
        socket.on("close", () => {
          clearTimeout(timer)
          resolve({ answer, sent })
        })
        socket.on("drain", more)
        socket.write(`${[`POST ${uploadPath} HTTP/1.1`, "Host: x", ...headers].join("\r\n")}\r\n\r\n${first}`)
        more()
      })
    const head =
      '--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n'

    it("is cut off where it never ends, and the connection with it", async () => {
      const user = await api.signUp()
      const part = Buffer.alloc(65_536, 1)
      const chunk = Buffer.concat([Buffer.from("10000\r\n"), part, Buffer.from("\r\n")])
      const headers = [
        `Authorization: Bearer ${user.token}`,
        "Content-Type: multipart/form-data; boundary=b",
        "Transfer-Encoding: chunked"
      ]
      const first = `${head.length.toString(16)}\r\n${head}\r\n`
      const { answer, sent } = await sendEndlessly(headers, first, chunk)
      assert.include(answer, "422 Unprocessable Entity")
      assert.include(answer, "file must be at most 5 MB")
      assert.isBelow(sent, mebibytes(20))
    })

    it("is refused by what it says of itself, before it is read", async () => {
      const user = await api.signUp()
      const headers = (token: string) => [
        `Authorization: Bearer ${token}`,
        "Content-Type: multipart/form-data; boundary=b",
        `Content-Length: ${mebibytes(199)}`
      ]
      const large = await sendEndlessly(headers(user.token), head, Buffer.alloc(65_536, 1))
      assert.include(large.answer, "422 Unprocessable Entity")
      assert.isBelow(large.sent, mebibytes(20))
      const stranger = await sendEndlessly(headers("x"), head, Buffer.alloc(65_536, 1))
      assert.include(stranger.answer, "401 Unauthorized")
      assert.isBelow(stranger.sent, mebibytes(20))
    })

    it("that stops half-way leaves everything as it was", async () => {
      const user = await api.signUp()
      const before = pathIn(await upload(api, user, await picture()))
      const { body, headers } = uploadOf(await picture(300, 300))
      const { hostname, port } = new URL(api.url)
      for (const reset of [true, false]) {
        await new Promise<void>((resolve) => {
          const socket = connect({ host: hostname, port: Number(port) }, () => {
            const lines = [
              `POST ${uploadPath} HTTP/1.1`,
              "Host: x",
              `Authorization: Bearer ${user.token}`,
              `Content-Type: ${headers["content-type"]}`,
              `Content-Length: ${body.length}`
            ]
            socket.write(`${lines.join("\r\n")}\r\n\r\n`)
            socket.write(body.subarray(0, body.length / 2), () => {
              if (reset) socket.resetAndDestroy()
              else socket.end()
            })
          })
          socket.on("error", () => resolve())
          socket.on("close", () => resolve())
          socket.resume()
        })
      }
      assert.strictEqual(pathIn(await me(user)), before)
      assert.strictEqual((await upload(api, user, await picture())).status, 200)
    })

    it("leaves no picture that no account has, when the server is killed among many", async () => {
      const users = await Promise.all(Array.from({ length: 12 }, () => api.signUp()))
      let answered = 0
      const uploads = users.flatMap((user) =>
        [1, 2, 3].map(async () => {
          const content = await picture(200, 200)
          const { status } = await upload(api, user, content).catch(() => ({ status: 0 }))
          if (status === 200) answered += 1
        })
      )
      while (answered < 6) await new Promise((resolve) => setTimeout(resolve, 1))
      rookery.server.process.kill("SIGKILL")
      await rookery.server.ended
      await Promise.all(uploads)
      await rookery.start()
      // An hour later.
      await rookery.query("UPDATE outbox SET available_at = now() WHERE destination = 'blobs'")
      await eventually(
        async () => {
          const left = await rookery.query("SELECT id FROM outbox WHERE destination = 'blobs'")
          assert.deepStrictEqual(left, [])
        },
        20_000,
        100
      )
      const rows = (await rookery.query(
        "SELECT avatar_id AS id FROM accounts WHERE avatar_id IS NOT NULL"
      )) as ReadonlyArray<{ readonly id: string }>
      const blobs = await stored(rookery)
      assert.lengthOf(blobs, rows.length)
      for (const { id } of rows) {
        assert.isTrue(
          blobs.some((name) => name.includes(id)),
          id
        )
        assert.strictEqual((await api.get(`/api/v1/avatars/${id}`)).status, 200)
      }
    })
  })
}

const env = { PUBLIC_URL: publicUrl }
onEach("avatars of v1", suite(inFolder), { env, only: [embedded] })
onEach("avatars of v1", suite(inBucket), { env, only: [onS3] })
