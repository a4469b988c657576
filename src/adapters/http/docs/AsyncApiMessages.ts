import { JsonSchema, Schema } from "effect"
import { membersKey } from "../ApiDocs.ts"
import { exampleOf, readable, type Schemas } from "./DocumentSchemas.ts"

export interface MessageOptions {
  readonly contentType: string
  /** The schema of what comes beside the body. */
  readonly headers?: object
}

/** A message, with the schemas of its body: all of them components under their names. */
export interface DocumentedMessage {
  readonly name: string
  readonly message: object
  readonly schemas: Schemas
}

const generated = { includeAnnotationKey: (key: string) => key === membersKey || key === "format" }

/** The schemas that one schema is made of, by their identifiers, with references as OpenAPI and AsyncAPI have them. */
const componentsOf = (schema: Schema.Top) => {
  const { definitions, dialect, schema: root } = Schema.toJsonSchemaDocument(schema, generated)
  return JsonSchema.toMultiDocumentOpenApi3_1({ dialect, schemas: [root], definitions })
}

/** Messages may gain members. */
const open = ({ additionalProperties: _, ...schema }: JsonSchema.JsonSchema): JsonSchema.JsonSchema => schema

/** `NoteCreated` as people write it. */
const titleOf = (name: string) => name.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)

/** The message whose body a schema encodes, which has an identifier and a description. */
export const messageOf = (schema: Schema.Top, { contentType, headers }: MessageOptions): DocumentedMessage => {
  const { definitions, schemas: roots } = componentsOf(schema)
  const schemas = Object.fromEntries(
    Object.entries(definitions).map(([name, definition]) => [name, open(readable(definition))])
  )
  const [payload] = roots
  const name = String(payload.$ref).replace(/^.*\//, "")
  return {
    name,
    message: {
      name,
      title: titleOf(name),
      summary: schemas[name]?.description,
      contentType,
      ...(headers === undefined ? {} : { headers }),
      payload,
      examples: [{ payload: exampleOf(payload, schemas, false) }]
    },
    schemas
  }
}
