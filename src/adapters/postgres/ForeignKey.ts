import { Predicate } from "effect"
import type { SqlError } from "effect/sql"

/** SQLSTATE 23503. Of all refusals but those of unique columns the driver makes one kind. */
const foreignKeyViolation = "23503"

/** Whether a row was refused since one that it refers to is not there, or not any more. */
export const isForeignKeyViolation = ({ reason }: SqlError.SqlError): boolean =>
  Predicate.hasProperty(reason.cause, "code") && reason.cause.code === foreignKeyViolation
