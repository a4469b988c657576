import type { Answer } from "../support/ApiClient.ts"

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)$/

/** The same moment in one spelling: servers write more or fewer digits. */
const canonical = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value === "string") return time.test(value) ? new Date(value).toISOString() : value
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, canonical(member)]))
}

const kindOf = (value: unknown): string => (typeof value === "string" && time.test(value) ? "a time" : typeof value)

/** With the kind of what differs each time in its place: members of these names, however deep. */
export const withoutValuesOf =
  (...names: ReadonlyArray<string>) =>
  (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(withoutValuesOf(...names))
    if (typeof value !== "object" || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [
        name,
        names.includes(name) ? kindOf(member) : withoutValuesOf(...names)(member)
      ])
    )
  }

/** What of an answer has to be the same, whoever gives it: all but where the server is. */
export const seen = ({ body, headers, status }: Answer) => ({
  status,
  type: headers.get("content-type")?.split(";")[0],
  total: headers.get("x-total-count"),
  link: headers.get("link")?.replaceAll(/<https?:\/\/[^/]+/g, "<"),
  location: headers.get("location")?.replace(/^https?:\/\/[^/]+/, ""),
  cache: headers.get("cache-control"),
  body: canonical(body)
})
