/** Between the fields of a {@link searchText}. What somebody searches for never holds it, so no match spans two fields. */
const separator = "\u0001"

/**
 * The same for all spellings of a text that differ in case or in how accents are composed. Folded here and not by the
 * database, whose idea of case depends on its locale.
 *
 * Lowered before it is raised: `ẞ` is the capital of `ß`, but `ß` becomes `SS`. The dot that `İ` leaves over its `i` is
 * dropped, so that all that `i` and `I` are capitals of, in whichever language, are one letter.
 *
 * Stores keep folded texts: whoever changes this folds them anew, in a migration.
 */
const folded = (text: string): string =>
  text
    .normalize("NFC")
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .normalize("NFC")
    .replaceAll("i\u0307", "i")
    .replaceAll("ς", "σ")
    .replaceAll(separator, " ")

/** What a search looks through: all fields in one text. */
export const searchText = (...fields: ReadonlyArray<string | null>): string =>
  fields.flatMap((field) => (field === null ? [] : [folded(field)])).join(separator)

/** What is looked for in a {@link searchText}, at any place of it. What no stored text holds becomes U+FFFD. */
export const searchTerm = (text: string): string => folded(text.toWellFormed().replaceAll("\u0000", "\uFFFD"))
