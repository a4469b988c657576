import { Schema } from "effect"

/**
 * Text that every store keeps to the letter: well-formed Unicode without NUL. PostgreSQL refuses U+0000 in `text`, and a
 * lone surrogate has no UTF-8 form, so it would come back as U+FFFD.
 */
const storable = Schema.makeFilter((text: string) =>
  !text.includes("\u0000") && text.isWellFormed() ? undefined : "must be well-formed text without NUL characters"
)

/** Storable text of at most `maximum` UTF-16 code units. */
export const Text = (maximum: number) =>
  Schema.String.check(Schema.isMaxLength(maximum, { message: `must be at most ${maximum} characters` }), storable)

/** {@link Text} with something to read in it: a string of white space alone is blank. */
export const NonBlankText = (maximum: number) =>
  Text(maximum).check(Schema.makeFilter((text) => (text.trim() === "" ? "must not be blank" : undefined)))
