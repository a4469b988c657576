import { DateTime, Duration, Option } from "effect"

/** Of the three forms of a date (RFC 9110, 5.6.7) only `asctime` leaves out that its time is GMT. */
const datePattern = /^[A-Z][a-z]{2,8}, .* GMT$/
const asctimePattern = /^[A-Z][a-z]{2} [A-Z][a-z]{2} .* \d{4}$/

/** What `Retry-After` (RFC 9110, 10.2.3) asks for: whole seconds, or the time until a date; undefined if it is neither. */
export const retryAfter = (header: string | undefined, now: DateTime.Utc): Duration.Duration | undefined => {
  const text = header?.trim() ?? ""
  if (/^\d{1,15}$/.test(text)) return Duration.seconds(Number(text))
  const date = datePattern.test(text) ? text : asctimePattern.test(text) ? `${text} GMT` : ""
  return Option.getOrUndefined(
    Option.map(DateTime.make(date), (then) => Duration.max(DateTime.distance(now, then), Duration.zero))
  )
}
