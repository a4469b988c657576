import { assert, describe, it } from "@effect/vitest"
import { Option } from "effect"
import { Headers, HttpServerRequest } from "effect/http"
import { isFromThisMachine } from "../../../src/adapters/http/Loopback.ts"

interface Sent {
  readonly peer?: string
  readonly host?: string
  readonly forwarded?: string
  readonly headers?: Readonly<Record<string, string>>
}

const from = ({ forwarded, headers = {}, host = "localhost:8000", peer = "127.0.0.1" }: Sent, proxies = 0) =>
  isFromThisMachine(
    HttpServerRequest.fromWeb(new Request("http://localhost/")).modify({
      remoteAddress: peer === "" ? Option.none() : Option.some(peer),
      headers: Headers.fromInput({ host, "x-forwarded-for": forwarded, ...headers })
    }),
    proxies
  )

describe("isFromThisMachine", () => {
  it.each(["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"])("takes the peer %s", (peer) => {
    assert.isTrue(from({ peer }))
  })

  it.each(["10.0.0.1", "0.0.0.0", "::", "::2", "::ffff:10.0.0.1", "fe80::1%lo", "127.0.0.1.example", "unknown", ""])(
    "refuses the peer %j",
    (peer) => {
      assert.isFalse(from({ peer }))
    }
  )

  it.each(["localhost", "localhost:8000", "LOCALHOST", "127.0.0.1:1", "127.9.9.9", "[::1]", "[::1]:8000"])(
    "takes the Host %s",
    (host) => {
      assert.isTrue(from({ host }))
    }
  )

  // A page may have its own name resolved to this machine; the browser then sends that name.
  it.each([
    "",
    "rebound.example",
    "rebound.example:8000",
    "127.0.0.1.example",
    "localhost.example",
    "10.0.0.1",
    "[::2]",
    "::1",
    "localhost:x",
    "localhost:8000@rebound.example",
    "rebound.example@localhost",
    "localhost/rebound.example",
    "localhost#rebound.example",
    "localhost, rebound.example",
    "localhost rebound.example"
  ])("refuses the Host %j", (host) => {
    assert.isFalse(from({ host }))
  })

  it("refuses pages of other hosts", () => {
    assert.isTrue(from({ headers: { origin: "http://localhost:3000" } }))
    for (const origin of ["https://rebound.example", "null", "", "http://localhost.example"]) {
      assert.isFalse(from({ headers: { origin } }), origin)
    }
  })

  it("refuses what was forwarded for anybody elsewhere, whether that proxy is trusted or not", () => {
    for (const proxies of [0, 1]) {
      assert.isTrue(from({ forwarded: "127.0.0.1" }, proxies))
      assert.isTrue(from({ forwarded: "::1, 127.0.0.1:4711" }, proxies))
      for (const forwarded of ["10.0.0.1", "10.0.0.1, 127.0.0.1", "127.0.0.1, 10.0.0.1", "unknown", "", "127.0.0.1,"]) {
        assert.isFalse(from({ forwarded }, proxies), `${forwarded} behind ${proxies}`)
      }
      assert.isFalse(from({ forwarded: "127.0.0.1", headers: { forwarded: "for=10.0.0.1" } }, proxies))
    }
  })

  it("refuses what its proxies say nothing of", () => {
    assert.isFalse(from({}, 1))
    assert.isFalse(from({ forwarded: "127.0.0.1" }, 2))
  })
})
