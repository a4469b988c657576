import { Inspectable } from "effect"

const hidden = "<redacted>"

const secretName =
  /(token|authorization|password|passwd|secret|cookie|passcode|apikey|credential|(token|password|secret)hash)s?$/

/** Whether what bears this name is never shown: `token`, `refresh_token`, `X-Api-Key`, `jwtSecret`, ... */
export const isSecretName = (name: string): boolean => secretName.test(name.toLowerCase().replaceAll(/[^a-z0-9]/g, ""))

/** Of a text, in UTF-16 code units; and of a list, and of how deep values lie in each other. */
const maximumText = 32_768
const maximumEntries = 100
const maximumDepth = 8

// All repetitions have bounds: whoever makes us log something does not choose how long that takes.
const names = "(?:token|authorization|password|passwd|secret|cookie|passcode|api[_-]?key)s?"
const secrets: ReadonlyArray<readonly [RegExp, string]> = [
  // JWTs, signed or not.
  [/eyJ[\w-]{1,4096}\.eyJ[\w-]{1,8192}(?:\.[\w-]{0,1024})?/g, hidden],
  // Secrets of Standard Webhooks.
  [/whsec_[\w+/=-]{1,1024}/g, hidden],
  // Hashes of passwords.
  [/\$argon2\w{1,2}\$[\w+/=,$-]{1,1024}/g, hidden],
  [/\b(Bearer|Basic)\s{1,8}[\w.~+/=-]{12,8192}/gi, `$1 ${hidden}`],
  // Phone numbers in paths: who talks with whom.
  [/(\/api\/{1,8}(?:contacts|messages)\/{1,8})(?:\+|%2B)?\d{7,15}(?!\d)/gi, `$1${hidden}`],
  // User and password of an address.
  [/\b([a-z][a-z\d+.-]{0,20}:\/\/[^\s/:@]{0,256}:)[^\s/@]{1,1024}@/gi, `$1${hidden}@`],
  // Fields of forms and query strings; fields of JSON and of JavaScript, also of JSON in JSON.
  [new RegExp(`([\\w-]{0,64}${names}=)[^\\s&"'#]{1,8192}`, "gi"), `$1${hidden}`],
  [new RegExp(`([\\w-]{0,64}${names}"?\\s{0,4}:\\s{0,4})"(?:[^"\\\\]|\\\\.){0,8192}"`, "gi"), `$1"${hidden}"`],
  [new RegExp(`([\\w-]{0,64}${names}\\\\"\\s{0,4}:\\s{0,4})\\\\"[^"\\\\]{0,8192}\\\\"`, "gi"), `$1\\"${hidden}\\"`]
]

/** The text without what looks like a secret in it. */
export const redactText = (text: string): string => {
  const short = text.length > maximumText ? `${text.slice(0, maximumText)}... (${text.length} in all)` : text
  return secrets.reduce((redacted, [pattern, replacement]) => redacted.replace(pattern, replacement), short)
}

/** The value as JSON has it, without what bears a secret's name or looks like one. Never throws. */
export const redact = (value: unknown): unknown => {
  try {
    return visit(value, [])
  } catch {
    // A getter that throws.
    return "<unreadable>"
  }
}

/** {@link redact} for named values. */
export const redactFields = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, isSecretName(name) ? hidden : redact(value)]))

/** `above` is what the value lies in. */
const visit = (value: unknown, above: ReadonlyArray<object>): unknown => {
  if (typeof value === "string") return redactText(value)
  if (typeof value === "bigint" || typeof value === "function" || typeof value === "symbol") {
    return redactText(String(value))
  }
  if (typeof value !== "object" || value === null) return value
  if (above.includes(value)) return "<circular>"
  if (above.length === maximumDepth) return "<deeper>"
  return visitObject(value, [...above, value])
}

const visitObject = (object: object, above: ReadonlyArray<object>): unknown => {
  if (object instanceof Uint8Array) return `<${object.length} bytes>`
  if (object instanceof Date) return object.toJSON()
  if (object instanceof Error) return visitEntries(errorEntries(object), above)
  if (object instanceof Map) return visitEntries(object, above)
  if (object instanceof Set || Array.isArray(object)) {
    return [...object].slice(0, maximumEntries).map((element) => visit(element, above))
  }
  // It knows what is redacted by its type, and how Effect's data and dates are shown.
  const json = Inspectable.toJson(object)
  return json === object ? visitEntries(Object.entries(object), above) : visit(json, above)
}

const visitEntries = (entries: Iterable<readonly [unknown, unknown]>, above: ReadonlyArray<object>) =>
  Object.fromEntries(
    [...entries]
      .slice(0, maximumEntries)
      .map(([key, value]) => [String(key), isSecretName(String(key)) ? hidden : visit(value, above)])
  )

const errorEntries = (error: Error): ReadonlyArray<readonly [string, unknown]> => {
  const { cause, message, name, stack } = error
  const own = Object.entries({ name, message, stack, cause })
  return [...own.filter(([, part]) => part !== undefined), ...Object.entries(error).filter(([key]) => key !== "cause")]
}
