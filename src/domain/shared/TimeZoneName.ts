import { DateTime, Schema } from "effect"

/**
 * Its name as the IANA database spells it; undefined where it has no such zone. Any case is taken, and each spelling that
 * DateTime gets to see is kept by it for good: it gets to see only this one.
 */
const canonicalName = (name: string): string | undefined => {
  if (!/^[A-Za-z]/.test(name)) return undefined
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: name }).resolvedOptions().timeZone
  } catch {
    return undefined
  }
}

/** The name of a time zone of the IANA database, an old one as well; never an offset, which has no summer time. */
export const TimeZoneName = Schema.String.check(
  Schema.isMaxLength(64, { message: "must be at most 64 characters" }),
  Schema.makeFilter((name) =>
    canonicalName(name) === undefined ? "must be an IANA time zone such as Europe/Berlin" : undefined
  )
).pipe(Schema.brand("TimeZoneName"))
export type TimeZoneName = typeof TimeZoneName.Type

/** Which day it is there: `2026-11-20`. */
export const dayIn = (zone: TimeZoneName, now: DateTime.Utc): string =>
  DateTime.formatIsoDate(DateTime.setZone(now, DateTime.zoneMakeNamedUnsafe(canonicalName(zone) ?? "UTC")))
