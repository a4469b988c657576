import { Array, Cause, Logger, References } from "effect"
import { redact, redactFields, redactText } from "./Redaction.ts"

interface Entry {
  readonly level: string
  readonly message: ReadonlyArray<unknown>
  readonly fields: Readonly<Record<string, unknown>>
  readonly cause: string | undefined
}

/** What is left of a log entry when its secrets are gone; every format begins here. */
const entryOf = ({ cause, date, fiber, logLevel, message }: Logger.Options<unknown>): Entry => {
  const span = fiber.cache.span
  const durations = fiber
    .getRef(References.CurrentLogSpans)
    .map(([label, start]): [string, string] => [label, `${date.getTime() - start}ms`])
  return {
    level: logLevel.toUpperCase(),
    message: Array.ensure(message).map(redact),
    fields: redactFields({
      ...Object.fromEntries(durations),
      ...fiber.getRef(References.CurrentLogAnnotations),
      ...(span?.sampled === true ? { traceId: span.traceId, spanId: span.spanId } : {})
    }),
    cause: cause.reasons.length === 0 ? undefined : redactText(Cause.pretty(cause))
  }
}

/** One JSON object a line: `timestamp`, `level`, `message`, the annotations by their names, and `cause` as text. */
export const jsonLines = Logger.make((options: Logger.Options<unknown>): string => {
  const { cause, fields, level, message } = entryOf(options)
  const timestamp = options.date.toISOString()
  const head = { timestamp, level, message: message.length === 1 ? message[0] : message }
  return JSON.stringify({ ...head, ...fields, ...head, cause })
})

// oxlint-disable-next-line no-control-regex
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g

/** What is logged moves no cursor and begins no line of its own. */
const visible = (text: string) =>
  text.replaceAll(control, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)

const inLine = (value: unknown): string =>
  visible(typeof value === "string" ? value : (JSON.stringify(value) ?? "undefined")).replaceAll("\n", "\\n")

const valueInLine = (value: unknown): string => {
  const text = inLine(value)
  return typeof value === "string" && /[\s"=]/.test(text) ? JSON.stringify(value) : text
}

const colours: Readonly<Record<string, number>> = { TRACE: 90, DEBUG: 34, INFO: 32, WARN: 33, ERROR: 31, FATAL: 31 }

/** For people: a line with the time of day, the message and `name=value`; the cause below it, indented. */
export const prettyLines = (coloured: boolean) => {
  const paint = (text: string, colour: number) => (coloured ? `\u001b[${colour}m${text}\u001b[0m` : text)
  return Logger.make((options: Logger.Options<unknown>): string => {
    const { cause, fields, level, message } = entryOf(options)
    const time = paint(options.date.toTimeString().slice(0, 8), 90)
    const named = Object.entries(fields).map(([name, value]) => paint(`${inLine(name)}=${valueInLine(value)}`, 90))
    const line = [time, paint(level.padEnd(5), colours[level] ?? 0), ...message.map(inLine), ...named].join(" ")
    return cause === undefined ? line : `${line}\n${visible(cause).replaceAll(/^/gm, "  ")}`
  })
}
