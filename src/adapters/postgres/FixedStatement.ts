import { Effect } from "effect"
import type { SqlClient, SqlError, Statement } from "effect/sql"

/** What stands for a parameter while the text is made; PostgreSQL has no text with a NUL, so it is nobody's value. */
const placeholder = (name: string) => `\0${name}`

/**
 * The rows, and none left where they were: the driver keeps what a connection has answered until that has nothing under way,
 * which on a busy one may be never.
 */
const taken = <Row>(rows: ReadonlyArray<Row>): ReadonlyArray<Row> => (rows as Array<Row>).splice(0)

/**
 * A statement whose text is made once, and not from its pieces for each request. `build` gets what stands for each
 * parameter, and may put other values in, which stay as they are. Names of columns and members are taken as written.
 */
export const fixedStatement = <Row extends object, Name extends string>(
  sql: SqlClient.SqlClient,
  names: ReadonlyArray<Name>,
  build: (parameters: Readonly<Record<Name, string>>) => Statement.Statement<object>
) => {
  const placeholders = Object.fromEntries(names.map((name) => [name, placeholder(name)])) as Record<Name, string>
  const [text, parameters] = build(placeholders).compile(true)
  const nameAt = parameters.map((parameter) => names.find((name) => placeholder(name) === parameter))
  return (values: Readonly<Record<Name, unknown>>): Effect.Effect<ReadonlyArray<Row>, SqlError.SqlError> =>
    Effect.map(
      sql.unsafe<Row>(
        text,
        parameters.map((parameter, index) => {
          const name = nameAt[index]
          return name === undefined ? parameter : values[name]
        })
      ).withoutTransform,
      taken
    )
}
