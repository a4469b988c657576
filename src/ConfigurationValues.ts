import { Duration, LogLevel, Schema, SchemaTransformation } from "effect"
import { availableParallelism } from "node:os"
import { Passcode } from "./domain/accounts/Passcode.ts"
import { type PhoneDigits, phoneDigits, PhoneNumber } from "./domain/shared/PhoneNumber.ts"

/** How the text of a variable becomes its value. */
export type Codec<A> = Schema.Codec<A, string>

const wholeNumber = Schema.String.check(Schema.isPattern(/^\d{1,9}$/)).pipe(
  Schema.decodeTo(Schema.Int, SchemaTransformation.numberFromString)
)

export const Natural = (minimum: number, maximum: number) => wholeNumber.check(Schema.isBetween({ minimum, maximum }))

export const PortNumber = Natural(0, 65_535)

/** More would be a slip of the hand. */
const mostWorkers = 256

/** How many processes; `auto` is one for each core that this process may use. */
export const WorkerCount = Schema.String.pipe(
  Schema.decodeTo(
    Natural(1, mostWorkers),
    SchemaTransformation.transform({
      decode: (text) => (text === "auto" ? String(Math.min(availableParallelism(), mostWorkers)) : text),
      encode: (text) => text
    })
  )
)

/** As Effect writes durations: `15 minutes`, `30 days`. */
export const PositiveDuration = Schema.DurationFromString.check(
  Schema.makeFilter((duration) => Duration.isFinite(duration) && Duration.toMillis(duration) >= 1)
)

/** Of tokens and sessions: what ends must end at a date that there is. */
export const Lifetime = PositiveDuration.check(
  Schema.makeFilter((duration) => Duration.isLessThanOrEqualTo(duration, Duration.days(3650)))
)

/** Six digits are not for longer. */
export const PasscodeLifetime = PositiveDuration.check(
  Schema.makeFilter((duration) => Duration.isLessThanOrEqualTo(duration, Duration.days(1)))
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

/** What paths are added to: neither query nor fragment, nor anybody's credentials; short enough for an SMS. */
export const BaseUrl = UrlOf("http:", "https:").check(
  Schema.isMaxLength(200),
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

/** The number and the code of one of them. */
export const testPasscode = (text: string): readonly [PhoneDigits, Passcode] => {
  const [phone = "", passcode = ""] = text.split("=")
  return [phoneDigits(PhoneNumber.make(phone)), Passcode.make(passcode)]
}

export const Switch = Schema.Literals(["required", "off"])
export const LogFormat = Schema.Literals(["pretty", "json"])
export const LogLevelName = Schema.Literals(LogLevel.values)
export const TokenName = Schema.String.check(Schema.isPattern(/^[A-Za-z0-9_-]{1,64}$/))

/** Names that reach this machine only. */
export const isLoopbackName = (host: string): boolean =>
  host === "localhost" || host === "::1" || host === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(host)
