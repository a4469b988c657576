import { assert, describe } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import { AccountRepository } from "../../../src/domain/accounts/AccountRepository.ts"
import { PasswordHash } from "../../../src/domain/accounts/Account.ts"
import { EmailAddress } from "../../../src/domain/shared/EmailAddress.ts"
import { frame, opcodes } from "../../support/RawWebSocket.ts"
import { connected, open, signIn, someReader, someTalker, test, until, url } from "./SocketWorld.ts"

const [talk, v1] = ["/api/notifications", "/api/v1/notifications"]

/** A refusal as the dialect of the path says it. */
const refused = Effect.fnUntraced(function* (path: string, headers?: Readonly<Record<string, string>>) {
  const client = yield* open(path, headers)
  yield* until("the connection ends", () => client.closed)
  const body = JSON.parse(client.body) as Readonly<Record<string, unknown>>
  const says = path.startsWith(v1) ? body.detail : body.message
  assert.isString(says, client.body)
  if (path.startsWith(v1)) assert.strictEqual(body.status, client.status)
  else assert.isFalse(body.success)
  assert.match(client.answer, /^x-request-id: /im)
  assert.strictEqual(/^www-authenticate: Bearer\r$/im.test(client.answer), client.status === 401)
  return client.status
})

describe("handshakes", () => {
  test(
    "open with the token in the query, in a header, or among the protocols; pasted with its Bearer, too",
    Effect.gen(function* () {
      const { token } = yield* someTalker
      for (const path of [talk, v1]) {
        for (const client of [
          yield* connected(`${path}?token=${token}`),
          yield* connected(`${path}/?token=Bearer%20${token}`),
          yield* connected(path, { Authorization: `Bearer Bearer ${token}` }),
          yield* connected(`${path}?token=nonsense`, { Authorization: `Bearer ${token}` })
        ]) {
          assert.strictEqual(client.messages[0]?.event, "connected")
          assert.notMatch(client.answer, /^Sec-WebSocket-(Protocol|Extensions)/im)
        }
        const client = yield* connected(path, {
          "Sec-WebSocket-Protocol": `bearer, ${token}`,
          "Sec-WebSocket-Extensions": "permessage-deflate"
        })
        assert.match(client.answer, /^Sec-WebSocket-Protocol: bearer\r$/im)
        const another = yield* connected(`${path}?token=${token}`, { "Sec-WebSocket-Protocol": "chat, superchat" })
        assert.notMatch(another.answer, /^Sec-WebSocket-Protocol/im)
        assert.notMatch(client.answer, /^Sec-WebSocket-Extensions/im)
        assert.match(client.answer, /^Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r$/im)
      }
    })
  )

  test(
    "are refused without a good token, whatever else is wrong",
    Effect.gen(function* () {
      const { refreshToken, token } = yield* someTalker
      for (const path of [talk, v1]) {
        assert.strictEqual(yield* refused(path), 401)
        for (const bad of ["", "nonsense", `${token}x`, "a.b.c", refreshToken]) {
          assert.strictEqual(yield* refused(`${path}?token=${bad}`), 401, bad)
        }
        assert.strictEqual(yield* refused(`${path}?since=nonsense&token=bad`), 401)
        assert.strictEqual(yield* refused(path, { "Sec-WebSocket-Protocol": token }), 401)
        assert.strictEqual(yield* refused(path, { "Sec-WebSocket-Protocol": "bearer" }), 401)
        assert.strictEqual(yield* refused(path, { Authorization: `Basic ${token}` }), 401)
      }
    })
  )

  test(
    "are refused to who cannot be told: without a phone number on talk, with nothing but an unverified address on v1",
    Effect.gen(function* () {
      const { token } = yield* someReader
      assert.strictEqual(yield* refused(`${talk}?token=${token}`), 400)
      yield* connected(`${v1}?token=${token}`)
      const accounts = yield* AccountRepository
      const { id } = yield* accounts.insert(
        {
          username: null,
          email: EmailAddress.make("ada@example.com"),
          firstName: null,
          lastName: null,
          passwordHash: PasswordHash.make("$none$")
        },
        yield* DateTime.now
      )
      const unverified = yield* signIn(id)
      assert.strictEqual(yield* refused(`${v1}?token=${unverified.token}`), 403)
    })
  )

  test(
    "are refused where they are none, or ask for what is not there",
    Effect.gen(function* () {
      const { token } = yield* someTalker
      for (const [path, unfit] of [
        [talk, 400],
        [v1, 422]
      ] as const) {
        const ours = `${path}?token=${token}`
        for (const since of ["nonsense", "-1", "2026-11-20", "1&since=2".replace("1&", "x&")]) {
          assert.strictEqual(yield* refused(`${ours}&since=${since}`), unfit, since)
        }
        assert.strictEqual(yield* refused(ours, { "Sec-WebSocket-Version": "12" }), 426)
        assert.strictEqual(yield* refused(ours, { "Sec-WebSocket-Version": "" }), 426)
        assert.strictEqual(yield* refused(ours, { "Sec-WebSocket-Key": "c2hvcnQ=" }), 400)
        assert.strictEqual(yield* refused(ours, { Upgrade: "h2c" }), 426)
        const server = yield* url
        const asked = (method: string) => Effect.promise(() => fetch(`${server}${ours}`, { method }))
        const plain = yield* asked("GET")
        assert.deepStrictEqual([plain.status, plain.headers.get("upgrade")], [426, "websocket"])
        assert.strictEqual((yield* asked("HEAD")).status, 426)
        const posted = yield* asked("POST")
        assert.deepStrictEqual([posted.status, posted.headers.get("allow")], [405, "GET, HEAD, OPTIONS"])
      }
      // An empty one is none.
      assert.strictEqual((yield* open(`${talk}?token=${token}&since=`)).status, 101)
    })
  )

  test(
    "lose nothing that comes right behind them",
    Effect.gen(function* () {
      const { token } = yield* someTalker
      const client = yield* open(`${talk}?token=${token}`, {}, frame(opcodes.ping, "at once"))
      yield* until("it is answered", () => client.count(opcodes.pong) === 1)
      assert.strictEqual(client.frames.find(({ opcode }) => opcode === opcodes.pong)?.payload.toString(), "at once")
    })
  )
})
