import { Schema } from "effect"
import { NonBlankText } from "../shared/Text.ts"

/** First and last name in one field, as it was written. */
export const FullName = NonBlankText(255).pipe(Schema.brand("FullName"))
export type FullName = typeof FullName.Type

export interface NameParts {
  readonly firstName: string
  readonly lastName: string | null
}

/**
 * Splits at the first space that follows something to read, so that the first name is never blank, and {@link joinName}
 * gives back every name to the letter, whatever spaces it holds.
 */
export const splitName = (name: FullName): NameParts => {
  const split = name.indexOf(" ", name.length - name.trimStart().length)
  if (split === -1) return { firstName: name, lastName: null }
  return { firstName: name.slice(0, split), lastName: name.slice(split + 1) }
}

export const joinName = ({ firstName, lastName }: NameParts): string =>
  lastName === null ? firstName : `${firstName} ${lastName}`

/** Keeps the parts as they are where the name is the one that they make together already. */
export const rename = (parts: NameParts, name: FullName): NameParts =>
  joinName(parts) === name ? { firstName: parts.firstName, lastName: parts.lastName } : splitName(name)
