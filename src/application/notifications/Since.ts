import { DateTime, Option } from "effect"

/** Where a client that was away takes up again: after the event with that id, or at a time. */
export type Since =
  | { readonly _tag: "After"; readonly id: number }
  | { readonly _tag: "At"; readonly time: DateTime.Utc }

/** What a `+` becomes that a client wrote into a query as it is. */
const spaced = / (?=\d\d:?\d\d$)/

const zoned = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)$/i

/** Reads the id of an event, or a time in ISO 8601 with its zone. */
export const parseSince = (text: string): Option.Option<Since> => {
  if (/^\d{1,15}$/.test(text)) return Option.some({ _tag: "After", id: Number(text) })
  const iso = text.trim().replace(spaced, "+")
  if (!zoned.test(iso)) return Option.none()
  return Option.map(DateTime.make(iso.replace(" ", "T").replace(",", ".")), (time): Since => ({
    _tag: "At",
    time: DateTime.toUtc(time)
  }))
}
