import { Parser } from "@asyncapi/parser"
import { Schema, SchemaRepresentation } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { root } from "./RookeryServer.ts"

const JsonObject = Schema.Record(Schema.String, Schema.Json)

const Document = Schema.fromJsonString(
  Schema.Struct({
    channels: Schema.Record(
      Schema.String,
      Schema.Struct({ address: Schema.String, messages: Schema.Record(Schema.String, Schema.Unknown) })
    ),
    components: Schema.Struct({
      messages: Schema.Record(
        Schema.String,
        Schema.Struct({ summary: Schema.String, examples: Schema.Array(Schema.Struct({ payload: JsonObject })) })
      ),
      schemas: Schema.Record(Schema.String, JsonObject)
    })
  })
)

/** The document as it is committed. */
export const committed = readFileSync(join(root, "asyncapi.json"), "utf8")

export const readDocument = Schema.decodeSync(Document)

/** What AsyncAPI's own parser finds wrong. That there is a newer version of AsyncAPI is nothing wrong. */
export const complaints = async (text: string): Promise<ReadonlyArray<string>> => {
  const { diagnostics, document } = await new Parser().parse(text)
  const found = diagnostics.filter(({ code }) => code !== "asyncapi-latest-version")
  return [
    ...found.map(({ message, path }) => `${path.join("/")}: ${message}`),
    ...(document === undefined ? ["none"] : [])
  ]
}

const { schemas } = readDocument(committed).components
const definitions = JSON.parse(JSON.stringify(schemas).replaceAll("#/components/schemas/", "#/$defs/"))

/** Fails where that is no body of the message, by nothing but the document. */
export const assertFits = (message: string, body: unknown): void => {
  if (!(message in schemas)) throw new Error(`the document has no ${message}`)
  const document = { dialect: "draft-2020-12", schema: { $ref: `#/$defs/${message}` }, definitions } as const
  const schema = SchemaRepresentation.fromJsonSchemaDocument(document, { patterns: "apply" })
  if (!Schema.is(schema)(body)) throw new Error(`${message} is something else than ${JSON.stringify(body)}`)
}
