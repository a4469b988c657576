import { Config, Effect, Option, Schema } from "effect"
import type { Codec } from "./ConfigurationValues.ts"

/** A variable that stops the start: which, what was read, what is expected. A secret is never shown. */
export class ConfigurationError extends Schema.TaggedError<ConfigurationError>()("ConfigurationError", {
  variable: Schema.String,
  read: Schema.String,
  expected: Schema.String
}) {
  override get message() {
    return `${this.variable}: read ${this.read}, expected ${this.expected}`
  }
}

interface Variable<A> extends Effect.Effect<Option.Option<A>, ConfigurationError> {}

/** An unset variable and one set to nothing are the same, as in an `.env` copied from `.env.example`. */
const raw = (name: string) =>
  Config.option(Config.String(name)).pipe(
    Effect.orElseSucceed(() => Option.none<string>()),
    Effect.map(Option.filter((text) => text.trim() !== ""))
  )

/** The variable's value, none where it is not set; `expected` reads on from "expected". */
export const variable = <A>(
  name: string,
  codec: Codec<A>,
  expected: string,
  show = (text: string) => JSON.stringify(text)
) =>
  Effect.flatMap(
    raw(name),
    Option.match({
      onNone: () => Effect.succeedNone,
      onSome: (text) =>
        Schema.decodeEffect(codec)(text.trim()).pipe(
          Effect.map(Option.some),
          Effect.mapError(() => new ConfigurationError({ variable: name, read: show(text), expected }))
        )
    })
  ) satisfies Variable<A>

/** A {@link variable} whose value no message shows. */
export const secret = <A>(name: string, codec: Codec<A>, expected: string) =>
  variable(name, codec, expected, (text) => `a value of ${text.length} characters`)

export const orElse =
  <A>(value: A) =>
  (self: Variable<A>): Effect.Effect<A, ConfigurationError> =>
    Effect.map(
      self,
      Option.getOrElse(() => value)
    )

export const required = (name: string, why: string) =>
  Effect.fail(new ConfigurationError({ variable: name, read: "nothing", expected: why }))

/** Several variables that only make sense together: all of them, or none. */
export const allOrNone = Effect.fnUntraced(function* <A extends Record<string, Option.Option<unknown>>>(variables: A) {
  const entries = Object.entries(variables)
  const missing = entries.find(([, value]) => Option.isNone(value))
  const present = entries.find(([, value]) => Option.isSome(value))
  if (missing === undefined || present === undefined) return
  return yield* required(missing[0], `a value, since ${present[0]} is set`)
})

/** Several variables that are all needed; the first that is missing fails. `why` reads on from "expected". */
export const all = Effect.fnUntraced(function* (variables: Record<string, Option.Option<unknown>>, why: string) {
  const missing = Object.entries(variables).find(([, value]) => Option.isNone(value))
  if (missing !== undefined) return yield* required(missing[0], why)
})
