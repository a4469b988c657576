import type { JsonSchema } from "effect"
import { type MemberDocs, membersKey } from "../ApiDocs.ts"

type Schema = JsonSchema.JsonSchema
export type Schemas = Readonly<Record<string, Schema>>

const isObject = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const each = (value: unknown, change: (schema: Schema) => Schema): unknown =>
  Array.isArray(value)
    ? value.map((item) => each(item, change))
    : isObject(value)
      ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, isObject(inner) ? change(inner) : inner]))
      : value

/** Parts that only add to their schema become members of it. */
const flat = ({ allOf, ...schema }: Schema): Schema => {
  if (!Array.isArray(allOf) || "$ref" in schema) return allOf === undefined ? schema : { ...schema, allOf }
  let merged = schema
  const left: Array<unknown> = []
  for (const part of allOf) {
    if (isObject(part) && !("$ref" in part) && Object.keys(part).every((key) => !(key in merged))) {
      merged = { ...merged, ...part }
    } else left.push(part)
  }
  return left.length === 0 ? merged : { ...merged, allOf: left }
}

/** `string or null` as JSON Schema says it: `type: [string, null]`. */
const nullable = ({ anyOf, ...schema }: Schema): Schema => {
  if (!Array.isArray(anyOf)) return schema
  const [value, none] = anyOf
  const plain = anyOf.length === 2 && isObject(value) && typeof value.type === "string" && !("enum" in value)
  return plain && isObject(none) && none.type === "null"
    ? { ...value, ...schema, type: [value.type, "null"] }
    : { ...schema, anyOf }
}

/** The bounds of what a JSON number holds exactly are nobody's rule. */
const bounded = (schema: Schema): Schema => {
  const { maximum, minimum, ...others } = schema
  return {
    ...others,
    ...(minimum === undefined || minimum === Number.MIN_SAFE_INTEGER ? {} : { minimum }),
    ...(maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? {} : { maximum })
  }
}

const withMembers = ({ [membersKey]: docs, ...schema }: Schema): Schema => {
  if (!isObject(docs) || !isObject(schema.properties)) return schema
  const properties = { ...schema.properties }
  for (const [name, { example, ...said }] of Object.entries<MemberDocs>(Object(docs))) {
    const known = isObject(properties[name]) ? properties[name] : {}
    properties[name] = { ...known, ...said, ...(example === undefined ? {} : { examples: [example] }) }
  }
  return { ...schema, properties }
}

/** A generated schema without what only its generator needs, and with what is said of its members. */
export const readable = (schema: Schema): Schema => {
  const inner = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => {
      if (key === "properties") return [key, each(value, readable)]
      if (key === "items" || key === "additionalProperties") return [key, isObject(value) ? readable(value) : value]
      if (Array.isArray(value) && /^(?:allOf|anyOf|oneOf)$/.test(key)) {
        return [key, value.map((part) => (isObject(part) ? readable(part) : part))]
      }
      return [key, value]
    })
  )
  return withMembers(bounded(nullable(flat(inner))))
}

const nameOf = (schema: Schema): string | undefined =>
  typeof schema.$ref === "string" ? schema.$ref.slice("#/components/schemas/".length) : undefined

/** An example made up from those of its members; members that a request may not carry are left out of one. */
export const exampleOf = (schema: Schema, schemas: Schemas, inRequest: boolean): unknown => {
  const name = nameOf(schema)
  if (name !== undefined) return exampleOf(schemas[name] ?? {}, schemas, inRequest)
  if (Array.isArray(schema.examples)) return schema.examples[0]
  if (Array.isArray(schema.enum)) return schema.enum[0]
  if (isObject(schema.items)) return [exampleOf(schema.items, schemas, inRequest)]
  if (!isObject(schema.properties)) return undefined
  const members = Object.entries<Schema>(Object(schema.properties))
    .filter(([, member]) => !(inRequest && member.readOnly === true))
    .map(([key, member]) => [key, exampleOf(member, schemas, inRequest)] as const)
    .filter(([, example]) => example !== undefined)
  return Object.fromEntries(members)
}

/** The names of the components that these schemas lead to. */
export const reachable = (from: unknown, schemas: Schemas, found = new Set<string>()): ReadonlySet<string> => {
  JSON.stringify(from, (_, value: unknown) => {
    const name = isObject(value) ? nameOf(value) : undefined
    if (name !== undefined && !found.has(name)) {
      found.add(name)
      reachable(schemas[name], schemas, found)
    }
    return value
  })
  return found
}
