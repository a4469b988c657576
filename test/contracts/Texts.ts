import { Arbitrary, Schema } from "effect"

// What the arbitraries of strings leave out: they generate ASCII. Without U+FFFD: where a text holds one, @effect/sql-pg
// 4.0.5 reads it with a decoder that drops a U+FEFF at its beginning.
const strange = [
  " ",
  "\t",
  "\r\n",
  "'",
  '"',
  "\\",
  "%",
  "_",
  "$1",
  "{}",
  "\\u0041",
  "\u0001",
  "\u007f",
  "\u00a0",
  "\u00ad",
  "\ufeff",
  "\u202e",
  "\u2028",
  "ß",
  "İ",
  "ǆ",
  "e\u0301",
  "\u0301",
  "漢",
  "𝔸",
  "\u{10ffff}",
  "👩‍👩‍👧",
  "constructor"
]

/** Texts of all sorts of characters, as far as the schema takes them. */
export const textsOf = <A extends string>(schema: Schema.Codec<A, string>) =>
  Arbitrary.array(Arbitrary.schema(Schema.Union([Schema.Literals(strange), Schema.String])), { minLength: 1 }).pipe(
    Arbitrary.filterMap((pieces) => Schema.decodeUnknownResult(schema)(pieces.join("")))
  )
