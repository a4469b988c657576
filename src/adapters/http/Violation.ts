import { type SchemaAST, type SchemaIssue } from "effect"

/** One thing that is wrong with what was sent: where, and what is asked for. Never what was sent. */
export interface Violation {
  readonly path: ReadonlyArray<string>
  readonly kind: "missing" | "unexpected" | "type" | "value"
  /** Reads on from the name of the field: `must be a string`. */
  readonly message: string
}

const typeNames: Record<string, string> = {
  String: "a string",
  Number: "a number",
  Boolean: "a boolean",
  Null: "null",
  Objects: "an object",
  Arrays: "an array"
}

const typeName = (ast: SchemaAST.AST): string => {
  if (ast._tag === "Union") return [...new Set(ast.types.map(typeName))].join(" or ")
  return ast._tag === "Literal" ? JSON.stringify(String(ast.literal)) : (typeNames[ast._tag] ?? "of another type")
}

const isChoice = (ast: SchemaAST.AST): boolean =>
  ast._tag === "Union" ? ast.types.every(isChoice) : ast._tag === "Literal"

/** Another type than is asked for, or none of the values that there are. */
const mismatch = (path: ReadonlyArray<string>, ast: SchemaAST.AST): Violation => ({
  path,
  kind: isChoice(ast) ? "value" : "type",
  message: `must be ${typeName(ast)}`
})

const text = (annotations: { readonly [name: string]: unknown } | undefined, name: string): string | undefined => {
  const value = annotations?.[name]
  return typeof value === "string" ? value : undefined
}

const filterMessage = (issue: SchemaIssue.Filter): string => {
  const inner = issue.issue._tag === "InvalidValue" ? text(issue.issue.annotations, "message") : undefined
  const expected = text(issue.filter.annotations, "expected")
  return (
    text(issue.filter.annotations, "message") ??
    inner ??
    (expected === undefined ? "is not valid" : `must be ${expected}`)
  )
}

/** Everything that a schema found wrong, in the order of its fields. */
export const violations = (issue: SchemaIssue.Issue, path: ReadonlyArray<string> = []): ReadonlyArray<Violation> => {
  switch (issue._tag) {
    case "Pointer":
      return violations(issue.issue, [...path, ...issue.path.map(String)])
    case "Encoding":
      return violations(issue.issue, path)
    case "Filter":
      return [{ path, kind: "value", message: filterMessage(issue) }]
    case "Composite":
      return issue.issues.flatMap((inner) => violations(inner, path))
    case "AnyOf": {
      const inner = issue.issues.flatMap((member) => violations(member, path))
      // A value that some member took by its type is told what that member finds wrong with it.
      const values = inner.filter((violation) => violation.kind !== "type" || violation.path.length > path.length)
      return values.length > 0 ? values : [mismatch(path, issue.ast)]
    }
    case "MissingKey":
      return [{ path, kind: "missing", message: "is required" }]
    case "UnexpectedKey":
      return [{ path, kind: "unexpected", message: "is not a known field" }]
    case "InvalidType":
      return [mismatch(path, issue.ast)]
    case "InvalidValue":
      return [{ path, kind: "value", message: text(issue.annotations, "message") ?? "is not valid" }]
    default:
      return [{ path, kind: "value", message: "is not valid" }]
  }
}

/** A name that a client made up is repeated only where it is short and plain. */
const plainName = /^[\w.-]{1,64}$/

/** How its field is called, in a message; undefined where that can't be said, or there is none. */
export const fieldOf = ({ path }: Violation): string | undefined => {
  const name = path.join(".")
  return plainName.test(name) ? name : undefined
}
