import { DateTime, Duration } from "effect"

/** `24 hours`, `1 hour`, `90 minutes`, `30 seconds`. */
export const lasting = (duration: Duration.Duration): string => {
  const seconds = Math.round(Duration.toSeconds(duration))
  const minutes = Math.round(seconds / 60)
  if (seconds < 60) return counted(seconds, "second")
  return minutes % 60 === 0 ? counted(minutes / 60, "hour") : counted(minutes, "minute")
}

const counted = (count: number, unit: string) => `${count} ${unit}${count === 1 ? "" : "s"}`

/** `20 November 2026 at 16:42 UTC`. */
export const moment = (at: DateTime.Utc): string =>
  `${DateTime.formatUtc(at, { locale: "en-GB", dateStyle: "long", timeStyle: "short" })} UTC`
