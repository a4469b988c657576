const text = (description: string, example: string) => ({
  description,
  schema: { type: "string", examples: [example] }
})

/** Headers of answers, as components. */
export const headers = {
  "X-Request-Id": text(
    "Names the request in the logs: what the client sent under this name, or a new one",
    "019a8f2e-7c1b-7d3e-9a54-3f0f5c1d2b6a"
  ),
  RateLimit: text(
    "What is left of each limit that counted, and the seconds until it is whole again (draft-ietf-httpapi-ratelimit-headers)",
    '"requests";r=99;t=60'
  ),
  "RateLimit-Policy": text("Each limit that counted: how many requests in how many seconds", '"requests";q=100;w=60'),
  "WWW-Authenticate": text("How to sign in (RFC 9110, 11.6.1)", "Bearer"),
  "Retry-After": {
    description: "Seconds to wait before the next try; who tries too early too often waits longer",
    schema: { type: "integer", minimum: 1, examples: [12] }
  }
} as const

const refer = (...names: ReadonlyArray<keyof typeof headers>) =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))

const always = refer("X-Request-Id")
const counted = refer("X-Request-Id", "RateLimit", "RateLimit-Policy")
const refused = refer("X-Request-Id", "RateLimit", "RateLimit-Policy", "Retry-After")

const challenged = refer("X-Request-Id", "WWW-Authenticate")

/** What every answer of a status carries, whatever its route. */
export const responseHeaders = (status: number) =>
  status === 429 ? refused : status === 401 ? challenged : status < 400 ? counted : always

/** As RFCs spell it, which is read alike in any case: `If-Match`. */
export const spelled = (header: string): string =>
  header === "etag" ? "ETag" : header.replaceAll(/(?<=^|-)[a-z]/g, (letter) => letter.toUpperCase())
