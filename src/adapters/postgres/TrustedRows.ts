import { String } from "effect"

/**
 * For decoding rows that this program wrote: what was checked before it was written is not checked again whenever it is
 * read. Shape and types are.
 */
export const trusting = { disableChecks: true } as const

/** Columns, with commas between, under the names of their fields: for rows that are read as they come. */
export const asFields = (columns: string): string =>
  columns
    .split(/,\s+/)
    .map((column) => `${column} AS "${String.snakeToCamel(column.slice(column.indexOf(".") + 1))}"`)
    .join(", ")
