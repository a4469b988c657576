import { Option } from "effect"
import type { HttpServerRequest } from "effect/http"
import { BlockList, isIP, isIPv6 } from "node:net"
import { addressOfHop } from "./ClientAddress.ts"

const loopback = new BlockList()
loopback.addSubnet("127.0.0.0", 8, "ipv4")
loopback.addAddress("::1", "ipv6")

/** IPv4 addresses in IPv6 (`::ffff:127.0.0.1`) count as what they are. */
const isLoopbackAddress = (address: string | undefined): boolean =>
  address !== undefined && isIP(address) !== 0 && loopback.check(address, isIPv6(address) ? "ipv6" : "ipv4")

const isLoopbackName = (name: string): boolean =>
  name === "localhost" || isLoopbackAddress(name.replace(/^\[(.*)\]$/, "$1"))

/** Of a URL whose scheme does not matter. */
const isLoopbackUrl = (url: string): boolean => URL.canParse(url) && isLoopbackName(new URL(url).hostname)

/** With or without its port. What a URL would have before or behind a host, none has. */
const isLoopbackHost = (host: string): boolean => /^[^\s@/\\?#]+$/.test(host) && isLoopbackUrl(`http://${host}`)

/**
 * Whether a request comes from this machine and means it: from a loopback peer, to a loopback `Host` (a page of another
 * site that had its own name point here would send that name), and not from a page of another host. Behind proxies the
 * peer is one of them, so everybody whom they forwarded it for has to be of this machine as well.
 */
export const isFromThisMachine = (
  { headers, remoteAddress }: HttpServerRequest.HttpServerRequest,
  trustedProxies: number
): boolean => {
  const forwarded = headers["x-forwarded-for"]
  const hops = forwarded === undefined ? [] : forwarded.split(",").map((hop) => addressOfHop(hop.trim()))
  return (
    isLoopbackAddress(Option.getOrUndefined(remoteAddress)) &&
    isLoopbackHost(headers.host ?? "") &&
    (headers.origin === undefined || isLoopbackUrl(headers.origin)) &&
    headers.forwarded === undefined &&
    hops.length >= trustedProxies &&
    hops.every(isLoopbackAddress)
  )
}
