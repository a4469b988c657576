/** How much a client likes a media type (RFC 9110, 12.5.1): from 0 to 1, by the most specific range that covers it. */
const quality = (accept: string, type: string): number => {
  const ranges = new Map<string, number>()
  for (const item of accept.split(",")) {
    const [range = "", ...parameters] = item.split(";").map((part) => part.trim().toLowerCase())
    const weight = Number(parameters.find((parameter) => parameter.startsWith("q="))?.slice(2) ?? "1")
    ranges.set(range, Number.isNaN(weight) ? 0 : weight)
  }
  const [family = ""] = type.split("/")
  return ranges.get(type) ?? ranges.get(`${family}/*`) ?? ranges.get("*/*") ?? 0
}

/** Whether a page is liked better than JSON: browsers name `text/html`, programs `application/json` or nothing special. */
export const prefersPage = (accept: string | undefined): boolean =>
  accept !== undefined && quality(accept, "text/html") > quality(accept, "application/json")
