import type { JsonSchema, Schema } from "effect"
import { OpenApi } from "effect/http-api"
import { statusMessage } from "./StatusName.ts"

/** The annotation that carries {@link MemberDocs} into the generated schemas; the document holds none of it. */
export const membersKey = "x-members"

/** What the document says of one member of a body beyond what its schema knows. The example makes up those of bodies. */
export interface MemberDocs extends JsonSchema.JsonSchema {
  readonly description?: string
  readonly example?: unknown
}

interface BodyDocs<S extends Schema.Top> {
  /** The name of the component, unique over all dialects. */
  readonly name: string
  readonly description: string
  readonly members?: { readonly [K in keyof S["Encoded"]]?: MemberDocs }
}

/** A schema that the document shows under a name. What it takes and gives stays the same. */
export const described = <S extends Schema.Top>(schema: S, { description, members, name }: BodyDocs<S>) =>
  schema.annotate({ identifier: name, description, [membersKey]: members ?? {} })

export interface RequestExample {
  readonly summary: string
  readonly value: object
}

export interface OperationDocs {
  /** Unique over all dialects. */
  readonly id: string
  readonly summary: string
  readonly description: string
  /** What its errors say, by status, where that differs from what they say elsewhere. */
  readonly errors?: Readonly<Record<number, string>>
  /** Several ways to ask for it, by name. One is made up from its members where there are none. */
  readonly requests?: Readonly<Record<string, RequestExample>>
  /** The security schemes that open it, any one of them, where its middleware names too few. */
  readonly security?: ReadonlyArray<string>
  /** Whether it can also be asked without any of them. */
  readonly anonymous?: boolean
  /** Statuses that its middleware declares and that can't come all the same. */
  readonly never?: ReadonlyArray<number>
  /** The statuses that browsers get as a page. */
  readonly pages?: ReadonlyArray<number>
}

export interface DialectDocs {
  readonly errorBody: (message: string, status: number) => object
  /** What errors say in general, by status. */
  readonly errors: Readonly<Record<number, string>>
  /** Statuses that every operation declares, and that can come only where `errors` of the operation names them. */
  readonly rare: ReadonlyArray<number>
  readonly parameters: Readonly<Record<string, MemberDocs>>
}

interface Response {
  readonly content?: Readonly<Record<string, object>>
}

/**
 * Makes the annotations of a dialect's operations. The middleware of a dialect declares its errors for all of its
 * operations alike; those that cannot come are left out: 404 without an id in the path, unless something is said of it, 413
 * and 415 without a body, 422 with nothing that could be wrong.
 */
export const operationsOf =
  (dialect: DialectDocs) =>
  ({
    anonymous = false,
    description,
    errors = {},
    id,
    pages = [],
    requests,
    security,
    summary,
    never = []
  }: OperationDocs) => {
    const error = (response: Response, status: number, hasBody: boolean): Response => {
      const message =
        errors[status] ??
        (status === 400 && !hasBody ? "The authorization header was sent more than once" : dialect.errors[status]) ??
        statusMessage(status)
      const example = dialect.errorBody(message, status)
      const content = Object.entries(response.content ?? {}).map(([type, media]) => [type, { ...media, example }])
      return { ...response, content: Object.fromEntries(content) }
    }
    return OpenApi.annotations({
      identifier: id,
      summary,
      description,
      transform: ({ parameters, requestBody, responses, security: declared, ...operation }) => {
        const hasBody = requestBody !== undefined
        const impossible = new Set([
          ...never,
          ...(hasBody ? [] : [413, 415]),
          ...(parameters.length > 0 || 404 in errors ? [] : [404]),
          ...(hasBody || parameters.length > 0 ? [] : [422]),
          ...dialect.rare.filter((status) => !(status in errors))
        ])
        const possible = Object.entries<Response>(responses)
          .filter(([status]) => !impossible.has(Number(status)))
          .map(([status, response]) => {
            const answer = Number(status) < 400 ? response : error(response, Number(status), hasBody)
            return [status, pages.includes(Number(status)) ? withPage(answer) : answer]
          })
        const schemes = security?.map((scheme) => ({ [scheme]: [] })) ?? declared
        return {
          ...operation,
          security: anonymous ? [...schemes, {}] : schemes,
          parameters: parameters.map((parameter: OpenApi.OpenAPISpecParameter) => {
            const { description, example, ...schema } = dialect.parameters[parameter.name] ?? {}
            return { ...parameter, description, example, schema: { ...parameter.schema, ...schema } }
          }),
          ...(hasBody ? { requestBody: withExamples(requestBody, requests) } : {}),
          responses: Object.fromEntries(possible)
        }
      }
    })
  }

const withPage = (response: Response): Response => ({
  ...response,
  content: { ...response.content, "text/html": { schema: { type: "string" }, example: "<!doctype html>" } }
})

const withExamples = (body: OpenApi.OpenAPISpecRequestBody, examples: OperationDocs["requests"]) =>
  examples === undefined
    ? body
    : {
        ...body,
        content: Object.fromEntries(Object.entries(body.content).map(([type, media]) => [type, { ...media, examples }]))
      }
