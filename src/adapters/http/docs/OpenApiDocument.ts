import { Context, type JsonSchema } from "effect"
import { HttpApi, OpenApi } from "effect/http-api"
import { membersKey } from "../ApiDocs.ts"
import { headers, responseHeaders, spelled } from "./DocumentHeaders.ts"
import { merge, sorted } from "./DocumentParts.ts"
import { exampleOf, reachable, readable, type Schemas } from "./DocumentSchemas.ts"
import { projectVersion } from "./ProjectVersion.ts"

export interface DocumentOptions {
  readonly version: string
}

const generated = { includeAnnotationKey: (key: string) => key === membersKey }

const about = `One server for several API documents: accounts, an address book, and notes that become events.

- A token of any dialect opens the others: \`Authorization: Bearer ...\`.
- Every path answers with and without its trailing slash. JSON is snake_case, ids are integers, times ISO 8601.
- Every answer carries \`X-Request-Id\`, which the logs know; a client may send its own.
- Requests are counted by address. The \`RateLimit\` headers tell what is left, 429 comes with \`Retry-After\`.

What an error looks like depends on the path:

`

/** Swagger UI asks for user and password, and sends them where OAuth 2 has it. */
const password = {
  type: "oauth2",
  description: "Signs in with an e-mail address or a username",
  flows: { password: { tokenUrl: "/api/v1/auth/token", scopes: {} } }
} as const

/** Bodies that nobody writes as JSON. */
const isBinary = (type: string): boolean => /^(?:image|audio|video|\*|multipart)\//.test(type)

const readableContent = (
  content: OpenApi.OpenApiSpecContent | undefined,
  schemas: Schemas,
  inRequest: boolean
): Record<string, object> =>
  Object.fromEntries(
    Object.entries(content ?? {}).map(([type, media]) => {
      const schema = readable(media.schema)
      const shown = "example" in media || "examples" in media || isBinary(type)
      const example = shown ? undefined : exampleOf(schema, schemas, inRequest)
      // What only the generator's own clients read.
      const said = Object.entries(media).filter(([key]) => !key.startsWith("x-effect-"))
      return [type, { ...Object.fromEntries(said), schema, ...(example === undefined ? {} : { example }) }]
    })
  )

/** A body that may be `null` is one that may be left out. */
const readableBody = ({ content }: OpenApi.OpenAPISpecRequestBody, schemas: Schemas) => {
  let required = true
  const stated = Object.entries(content).map(([type, media]) => {
    const { anyOf, ...schema } = media.schema
    if (!Array.isArray(anyOf)) return [type, media]
    const values = anyOf.filter((part) => part.type !== "null")
    if (values.length === anyOf.length) return [type, media]
    required = false
    return [
      type,
      { ...media, schema: values.length === 1 ? { ...schema, ...values[0] } : { ...schema, anyOf: values } }
    ]
  })
  return { required, content: readableContent(Object.fromEntries(stated), schemas, true) }
}

const readableParameter = (parameter: OpenApi.OpenAPISpecParameter) =>
  parameter.in === "header" ? { ...parameter, name: spelled(parameter.name) } : parameter

/** What the answers of one operation carry beside what all do. */
const ownHeaders = (headers: object = {}) =>
  Object.fromEntries(Object.entries(headers).map(([name, header]) => [spelled(name), header]))

const readableOperation = (operation: OpenApi.OpenAPISpecOperation, schemas: Schemas) => {
  const { operationId, parameters, requestBody, responses, security, tags, ...texts } = operation
  return {
    tags,
    operationId,
    ...texts,
    security: security.some((scheme) => "bearer" in scheme) ? [...security, { password: [] }] : security,
    ...(parameters.length === 0 ? {} : { parameters: parameters.map(readableParameter) }),
    ...(requestBody === undefined ? {} : { requestBody: readableBody(requestBody, schemas) }),
    responses: Object.fromEntries(
      Object.entries(responses).map(([status, { content, description, headers }]) => [
        status,
        {
          description,
          headers: { ...ownHeaders(headers), ...responseHeaders(Number(status)) },
          content: readableContent(content, schemas, false)
        }
      ])
    )
  }
}

/** Answers may gain members; only requests that carry unknown ones are refused, by dialects that do so. */
const openAnswers = (schemas: Schemas, strict: ReadonlyArray<OpenApi.OpenAPISpec>) => {
  const requests: Array<unknown> = []
  JSON.stringify(strict, (key, value: unknown) => (key === "requestBody" ? void requests.push(value) : value))
  const asked = reachable(requests, schemas)
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { additionalProperties, ...schema }]) => [
      name,
      additionalProperties === undefined || (additionalProperties === false && !asked.has(name))
        ? schema
        : { ...schema, additionalProperties }
    ])
  )
}

/**
 * One OpenAPI 3.1 document of several APIs. Operations, components and security schemes keep the names that their
 * dialects give them, and two that differ under one name are a defect.
 */
export const openApiDocument = (apis: ReadonlyArray<HttpApi.Constraint>, { version }: DocumentOptions) => {
  const read = apis.filter(HttpApi.isHttpApi).map((api) => ({
    spec: OpenApi.fromApi(api, generated),
    isStrict: Context.getOrUndefined(api.annotations, HttpApi.PayloadParseOptions)?.onExcessProperty === "error"
  }))
  const specs = read.map(({ spec }) => spec)
  const strict = read.flatMap(({ isStrict, spec }) => (isStrict ? [spec] : []))
  const schemas: Record<string, JsonSchema.JsonSchema> = {}
  const securitySchemes: Record<string, object> = {}
  const tags: Record<string, OpenApi.OpenAPISpecTag> = {}
  const paths: Record<string, Record<string, object>> = {}
  const operationIds: Record<string, string> = {}
  for (const { components, ...spec } of specs) {
    merge("components", schemas, components.schemas)
    for (const tag of spec.tags) tags[tag.name] ??= tag
    for (const [name, scheme] of Object.entries(components.securitySchemes)) {
      merge("security schemes", securitySchemes, {
        [name]: "scheme" in scheme ? { ...scheme, scheme: scheme.scheme.toLowerCase() } : scheme
      })
    }
  }
  const readableSchemas = Object.fromEntries(
    Object.entries(sorted(schemas)).map(([name, schema]) => [name, readable(schema)])
  )
  for (const spec of specs) {
    for (const [path, { parameters: _, "x-oai-additionalOperations": _more, ...operations }] of Object.entries(
      spec.paths
    )) {
      for (const [method, operation] of Object.entries<OpenApi.OpenAPISpecOperation>(operations)) {
        const where = `${method.toUpperCase()} ${path}`
        merge("operations", operationIds, { [operation.operationId]: where })
        merge("operations", (paths[path] ??= {}), { [method]: readableOperation(operation, readableSchemas) })
      }
    }
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Rookery",
      version,
      description: about + specs.map(({ info }) => `- ${info.title}: ${info.description ?? ""}\n`).join("")
    },
    servers: [{ url: "/", description: "Where this document was read" }],
    tags: Object.values(tags),
    paths,
    components: {
      schemas: openAnswers(readableSchemas, strict),
      headers,
      // The order of Swagger UI's dialog: what people have comes before what programs have.
      securitySchemes: { password, ...sorted(securitySchemes) }
    }
  }
}

/** The document as it is served and committed. */
export const documentText = (apis: ReadonlyArray<HttpApi.Constraint>): string =>
  `${JSON.stringify(openApiDocument(apis, { version: projectVersion() }), null, 2)}\n`
