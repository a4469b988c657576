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

const typeName = (ast: SchemaAST.AST): string =>
  ast._tag === "Union" ? [...new Set(ast.types.map(typeName))].join(" or ") : (typeNames[ast._tag] ?? "of another type")

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
      return values.length > 0 ? values : [{ path, kind: "type", message: `must be ${typeName(issue.ast)}` }]
    }
    case "MissingKey":
      return [{ path, kind: "missing", message: "is required" }]
    case "UnexpectedKey":
      return [{ path, kind: "unexpected", message: "is not a known field" }]
    case "InvalidType":
      return [{ path, kind: "type", message: `must be ${typeName(issue.ast)}` }]
    case "InvalidValue":
      return [{ path, kind: "value", message: text(issue.annotations, "message") ?? "is not valid" }]
    default:
      return [{ path, kind: "value", message: "is not valid" }]
  }
}
