import { Duration, LogLevel, Schema, SchemaTransformation } from "effect"

/** How the text of a variable becomes its value. */
export type Codec<A> = Schema.Codec<A, string>

const wholeNumber = Schema.String.check(Schema.isPattern(/^\d{1,9}$/)).pipe(
  Schema.decodeTo(Schema.Int, SchemaTransformation.numberFromString)
)

export const Natural = (minimum: number, maximum: number) => wholeNumber.check(Schema.isBetween({ minimum, maximum }))

export const PortNumber = Natural(0, 65_535)

/** As Effect writes durations: `15 minutes`, `30 days`. */
export const PositiveDuration = Schema.DurationFromString.check(
  Schema.makeFilter((duration) => Duration.isFinite(duration) && Duration.toMillis(duration) >= 1)
)

/** Of tokens and sessions: what ends must end at a date that there is. */
export const Lifetime = PositiveDuration.check(
  Schema.makeFilter((duration) => Duration.isLessThanOrEqualTo(duration, Duration.days(3650)))
)

export const BackoffBase = PositiveDuration.check(
  Schema.makeFilter((duration) => Duration.isLessThanOrEqualTo(duration, Duration.hours(1)))
)

export const UrlOf = (...protocols: ReadonlyArray<string>) =>
  Schema.String.check(
    Schema.makeFilter((text) => {
      const url = URL.canParse(text) ? new URL(text) : undefined
      return (
        url !== undefined && protocols.includes(url.protocol) && isDecodable(url.username) && isDecodable(url.password)
      )
    })
  )

/** Credentials are percent-encoded in a URL, and whoever connects decodes them. */
const isDecodable = (text: string): boolean => {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

/** What paths are added to: neither query nor fragment, nor anybody's credentials. */
export const BaseUrl = UrlOf("http:", "https:").check(
  Schema.makeFilter((text) => {
    const { hash, password, search, username } = new URL(text)
    return `${hash}${password}${search}${username}` === "" && !/[?#]$/.test(text)
  })
)

const list = (text: string): ReadonlyArray<string> =>
  text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "")

const ListOf = (isItem: (item: string) => boolean) =>
  Schema.String.pipe(
    Schema.decodeTo(
      Schema.NonEmptyArray(Schema.String.check(Schema.makeFilter(isItem))),
      SchemaTransformation.transform({
        decode: (text) => {
          const [first = "", ...others] = list(text)
          return [first, ...others] as const
        },
        encode: (items) => items.join(",")
      })
    )
  )

/** Secrets of 32 bytes or more: the first signs, all of them verify. */
export const Bytes32List = ListOf((text) => new TextEncoder().encode(text).length >= 32)

export const Origins = ListOf((text) => text === "*" || (URL.canParse(text) && new URL(text).origin === text))

export const TestPasscodes = ListOf((text) => /^\+?[0-9]{7,15}=[0-9]{6}$/.test(text))

export const Switch = Schema.Literals(["required", "off"])
export const LogFormat = Schema.Literals(["pretty", "json"])
export const LogLevelName = Schema.Literals(LogLevel.values)
export const TokenName = Schema.String.check(Schema.isPattern(/^[A-Za-z0-9_-]{1,64}$/))

/** Names that reach this machine only. */
export const isLoopbackName = (host: string): boolean =>
  host === "localhost" || host === "::1" || host === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(host)
