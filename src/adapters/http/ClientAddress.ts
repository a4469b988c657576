import { Effect, Option } from "effect"
import type { HttpServerRequest } from "effect/http"
import { isIP, isIPv6 } from "node:net"

/**
 * The address that a request came from: the peer, or behind `trustedProxies` proxies the entry that the outermost of
 * them appended to `X-Forwarded-For`. What lies further left anybody can have written.
 */
export const clientAddress = (request: HttpServerRequest.HttpServerRequest, trustedProxies: number): string => {
  const peer = Option.getOrElse(request.remoteAddress, () => "unknown")
  if (trustedProxies === 0) return peer
  const forwarded = request.headers["x-forwarded-for"]
  if (forwarded === undefined) return peer
  // Fewer entries than proxies: one of them is not there, and its entry would be the client's own.
  return addressOfHop(forwarded.split(",").at(-trustedProxies)?.trim() ?? "") ?? peer
}

/** Of an entry of `X-Forwarded-For`: some proxies write the client's port behind its address. Undefined where it is none. */
export const addressOfHop = (hop: string): string | undefined => {
  const [, bracketed, dotted] = /^(?:\[([^\]]*)\]|((?:\d{1,3}\.){3}\d{1,3}))(?::\d{1,5})?$/.exec(hop) ?? []
  const address = bracketed ?? dotted ?? hop
  return isIP(address) === 0 ? undefined : address
}

/** What limits are counted by: an IPv4 address, or the /64 of an IPv6 one, which is what one customer gets. */
export const limitKey = (address: string): string => {
  if (!address.includes(":")) return address.slice(0, 64)
  const mapped = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(address)
  if (mapped?.[1] !== undefined) return mapped[1]
  const bare = address.replace(/%.*$/, "")
  if (!isIPv6(bare)) return address.slice(0, 64)
  const [head = "", tail] = bare.split("::")
  const front = head === "" ? [] : head.split(":")
  const back = tail === undefined || tail === "" ? [] : tail.split(":")
  const zeros = Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => "0")
  const groups = tail === undefined ? front : [...front, ...zeros, ...back]
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`
}

/** Says once that a proxy's header is not trusted: without `TRUST_PROXY` all its clients share one limit. */
export const untrustedProxyWarning = () => {
  let told = false
  return (request: HttpServerRequest.HttpServerRequest): Effect.Effect<void> => {
    if (told || request.headers["x-forwarded-for"] === undefined) return Effect.void
    told = true
    return Effect.logWarning(
      "X-Forwarded-For arrived, but TRUST_PROXY is 0: it is ignored, and limits count by the peer's address"
    )
  }
}
