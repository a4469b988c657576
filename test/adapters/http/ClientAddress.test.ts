import { assert, describe, it } from "@effect/vitest"
import { Effect, Logger, Option } from "effect"
import { HttpServerRequest } from "effect/http"
import { clientAddress, limitKey, untrustedProxyWarning } from "../../../src/adapters/http/ClientAddress.ts"

const request = (forwarded?: string) =>
  HttpServerRequest.fromWeb(
    new Request("http://localhost/", forwarded === undefined ? {} : { headers: { "x-forwarded-for": forwarded } })
  ).modify({ remoteAddress: Option.some("10.0.0.1") })

describe("clientAddress", () => {
  it("is the peer where no proxy is trusted, whatever the header says", () => {
    assert.strictEqual(clientAddress(request("1.2.3.4"), 0), "10.0.0.1")
  })

  it("is what the outermost trusted proxy saw", () => {
    assert.strictEqual(clientAddress(request("6.6.6.6, 1.2.3.4"), 1), "1.2.3.4")
    assert.strictEqual(clientAddress(request("6.6.6.6, 1.2.3.4, 172.16.0.1"), 2), "1.2.3.4")
  })

  it("can't be pushed further by a forged list", () => {
    assert.strictEqual(clientAddress(request("1.2.3.4"), 3), "10.0.0.1")
    assert.strictEqual(clientAddress(request(), 2), "10.0.0.1")
    assert.strictEqual(clientAddress(request("unknown"), 1), "10.0.0.1")
  })

  it("is an address without the port that some proxies write behind it", () => {
    assert.strictEqual(clientAddress(request("1.2.3.4:5678"), 1), "1.2.3.4")
    assert.strictEqual(clientAddress(request("[2001:db8::1]:5678"), 1), "2001:db8::1")
    assert.strictEqual(clientAddress(request("2001:db8::1"), 1), "2001:db8::1")
  })
})

describe("limitKey", () => {
  it.each([
    ["203.0.113.9", "203.0.113.9"],
    ["::ffff:203.0.113.9", "203.0.113.9"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:0db8:0001:0002::9", "2001:db8:1:2::/64"],
    ["::1", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["2001:db8::", "2001:db8:0:0::/64"]
  ])("of %s is %s", (address, key) => {
    assert.strictEqual(limitKey(address), key)
  })

  it("is bounded for what is no address", () => {
    assert.isAtMost(limitKey("x".repeat(10_000)).length, 64)
  })
})

describe("untrustedProxyWarning", () => {
  it.effect("warns once, and only where the header arrives", () =>
    Effect.gen(function* () {
      const messages: Array<unknown> = []
      const logger = Logger.layer([Logger.make(({ message }) => messages.push(message))])
      const warn = untrustedProxyWarning()
      yield* Effect.forEach([request(), request("1.2.3.4"), request("1.2.3.4")], warn).pipe(Effect.provide(logger))
      assert.strictEqual(messages.length, 1)
    })
  )
})
