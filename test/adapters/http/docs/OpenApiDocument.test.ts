import { Schema } from "effect"
import { HttpApi, HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "effect/http-api"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "vitest"
import { described, operationsOf } from "../../../../src/adapters/http/ApiDocs.ts"
import { ClassicApi } from "../../../../src/adapters/http/classic/ClassicApi.ts"
import { documentText, openApiDocument } from "../../../../src/adapters/http/docs/OpenApiDocument.ts"
import { TalkApi } from "../../../../src/adapters/http/talk/TalkApi.ts"
import { V1Api } from "../../../../src/adapters/http/v1/V1Api.ts"
import { apis } from "../../../../src/Routes.ts"
import { projectRoot } from "../../../architecture/Lint.ts"

const Media = Schema.Struct({
  schema: Schema.Unknown,
  example: Schema.optionalKey(Schema.Unknown),
  examples: Schema.optionalKey(Schema.Record(Schema.String, Schema.Struct({ value: Schema.Unknown })))
})
const Content = Schema.Record(Schema.String, Media)
const Operation = Schema.Struct({
  operationId: Schema.String,
  summary: Schema.String,
  description: Schema.String,
  tags: Schema.NonEmptyArray(Schema.String),
  security: Schema.Array(Schema.Record(Schema.String, Schema.Unknown)),
  parameters: Schema.optionalKey(
    Schema.Array(
      Schema.Struct({
        name: Schema.String,
        required: Schema.Boolean,
        schema: Schema.Struct({ default: Schema.optionalKey(Schema.Unknown) }),
        example: Schema.optionalKey(Schema.Unknown)
      })
    )
  ),
  requestBody: Schema.optionalKey(Schema.Struct({ required: Schema.Boolean, content: Content })),
  responses: Schema.Record(
    Schema.String,
    Schema.Struct({ headers: Schema.Record(Schema.String, Schema.Unknown), content: Content })
  )
})
const Document = Schema.fromJsonString(
  Schema.Struct({
    tags: Schema.Array(Schema.Struct({ name: Schema.String, description: Schema.String })),
    paths: Schema.Record(Schema.String, Schema.Record(Schema.String, Operation)),
    components: Schema.Struct({ schemas: Schema.Record(Schema.String, Schema.Unknown) })
  })
)

const text = documentText(apis)
const document = Schema.decodeSync(Document)(text)
const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods))
const named = (id: string) => operations.find(({ operationId }) => operationId === id)

const examplesOf = (media: typeof Media.Type): ReadonlyArray<unknown> =>
  media.examples === undefined ? [media.example] : Object.values(media.examples).map(({ value }) => value)

/** There is no example of a picture or a clip. */
const isBinary = (type: string) => /^(image|audio|video|\*|multipart)\//.test(type)
const textsOf = (content: typeof Content.Type = {}) =>
  Object.entries(content).flatMap(([type, media]) => (isBinary(type) ? [] : [media]))

describe("the OpenAPI document", () => {
  it("is the one that is committed; `npm run openapi` writes it", () => {
    assert.strictEqual(readFileSync(join(projectRoot, "openapi.json"), "utf8"), text)
  })

  it("has every operation once, under a tag that is described", () => {
    assert.strictEqual(new Set(operations.map(({ operationId }) => operationId)).size, operations.length)
    const tags = document.tags.map(({ name }) => name)
    for (const operation of operations) assert.includeMembers(tags, [...operation.tags])
  })

  it("shows an example of every body, and the headers of every answer", () => {
    for (const { operationId, requestBody, responses } of operations) {
      const bodies = [requestBody, ...Object.values(responses)].flatMap((body) => textsOf(body?.content))
      for (const media of bodies) for (const example of examplesOf(media)) assert.isDefined(example, operationId)
      for (const [status, { headers }] of Object.entries(responses)) {
        assert.containsAllKeys(headers, [
          "X-Request-Id",
          ...(status === "401" ? ["WWW-Authenticate"] : []),
          ...(status === "429" ? ["Retry-After", "RateLimit", "RateLimit-Policy"] : [])
        ])
      }
    }
  })

  it("shows an example of every parameter that has to be sent, and of no other, since Swagger UI would send it", () => {
    for (const { operationId, parameters = [] } of operations) {
      for (const { example, name, required, schema } of parameters) {
        const message = `${operationId}: ${name}`
        if (required) assert.isDefined(example, message)
        else assert.strictEqual(example, schema.default, message)
      }
    }
  })

  it("lets user and password do what a token does", () => {
    for (const { operationId, security } of operations) {
      const schemes = security.flatMap((scheme) => Object.keys(scheme))
      assert.strictEqual(schemes.includes("password"), schemes.includes("bearer"), operationId)
    }
    assert.include(text, '"tokenUrl": "/api/v1/auth/token"')
    assert.property(document.paths, "/api/v1/auth/token")
    assert.deepStrictEqual(named("refreshAccessToken")?.security, [{ refreshToken: [] }])
    assert.deepStrictEqual(named("loginEmail")?.security, [])
    assert.deepStrictEqual(named("signOut")?.security, [{ bearer: [] }, {}, { password: [] }])
  })

  it("names the statuses that can come, and no others", () => {
    const statuses = (id: string) => Object.keys(named(id)?.responses ?? {}).map(Number)
    assert.deepStrictEqual(statuses("registerUsername"), [201, 400, 409, 413, 415, 429, 500])
    assert.deepStrictEqual(statuses("refreshAccessToken"), [200, 400, 401, 429, 500])
    assert.deepStrictEqual(statuses("listContacts"), [200, 400, 401, 429, 500])
    assert.deepStrictEqual(statuses("createContact"), [201, 400, 401, 413, 415, 422, 429, 500])
    assert.deepStrictEqual(statuses("updateNote"), [200, 400, 401, 404, 413, 415, 429, 500])
    assert.deepStrictEqual(statuses("deleteNote"), [200, 400, 401, 404, 429, 500])
    assert.deepStrictEqual(statuses("registerAccount"), [201, 400, 409, 413, 415, 422, 429, 500])
    assert.deepStrictEqual(statuses("verifyEmail"), [200, 400, 409, 429, 500])
    assert.deepStrictEqual(statuses("signIn"), [200, 400, 401, 403, 413, 415, 422, 429, 500])
    assert.deepStrictEqual(statuses("getAccount"), [200, 400, 401, 429, 500])
    assert.deepStrictEqual(statuses("endSession"), [204, 400, 401, 404, 422, 429, 500])
    assert.deepStrictEqual(statuses("requestSignUpCode"), [200, 400, 401, 409, 413, 415, 429, 500, 503])
    assert.deepStrictEqual(statuses("completePhoneSignIn"), [200, 400, 408, 413, 415, 429, 500])
    assert.deepStrictEqual(statuses("listFriends"), [200, 400, 401, 429, 500])
    assert.deepStrictEqual(statuses("acceptFriend"), [200, 400, 401, 404, 413, 415, 429, 500])
    assert.deepStrictEqual(statuses("sendMessage"), [200, 400, 401, 403, 404, 409, 413, 415, 429, 500])
    assert.deepStrictEqual(statuses("uploadMedia"), [200, 400, 401, 413, 429, 500, 503])
    assert.deepStrictEqual(statuses("downloadMedia"), [200, 206, 304, 400, 401, 404, 416, 429, 500, 503])
  })

  it("says which bodies may be left out, and what browsers get as a page", () => {
    assert.isFalse(named("signOut")?.requestBody?.required)
    assert.isTrue(named("signIn")?.requestBody?.required)
    const types = (status: number) => Object.keys(named("verifyEmail")?.responses[status]?.content ?? {})
    assert.deepStrictEqual(types(200), ["application/json", "text/html"])
    assert.deepStrictEqual(types(400), ["application/problem+json", "text/html"])
    assert.deepStrictEqual(types(429), ["application/problem+json"])
  })

  it("says which dialects refuse members that they do not know", () => {
    const { schemas } = document.components
    const closed = { additionalProperties: false }
    for (const name of ["ClassicNewContact", "V1NewContact"]) assert.deepInclude(schemas[name], closed)
    for (const name of ["TalkNewMessage", "TalkMessage", "ClassicContact", "V1Contact"]) {
      assert.notProperty(schemas[name], "additionalProperties", name)
    }
  })

  it("holds nothing of its generator", () => {
    assert.notMatch(text, /x-members|x-effect|Encoded|allOf|9007199254740991|_\d+"/)
    assert.includeMembers(Object.keys(document.components.schemas), ["ClassicError", "ClassicContact", "ClassicNote"])
  })

  it("shows requests that are taken and answers that are given", () => {
    let seen = 0
    const look = {
      onGroup: () => {},
      onEndpoint: ({ endpoint, successes }: Parameters<Parameters<typeof HttpApi.reflect>[1]["onEndpoint"]>[0]) => {
        const takes = (schemas: ReadonlyArray<Schema.Top>, media: typeof Media.Type) => {
          for (const example of examplesOf(media)) {
            // The wire's side of each schema, with all of its rules.
            const fits = schemas.some((schema) => Schema.is(Schema.flip(schema))(example))
            assert.isTrue(fits, `${endpoint.identifier}: ${JSON.stringify(example)}`)
            seen += 1
          }
        }
        const operation = named(endpoint.identifier)
        for (const [type, media] of Object.entries(operation?.requestBody?.content ?? {})) {
          if (!isBinary(type)) takes(endpoint.payload.get(type)?.schemas ?? [], media)
        }
        for (const [status, schemas] of successes) {
          const { "application/json": json } = operation?.responses[status]?.content ?? {}
          const bodies = schemas.map((schema) => (HttpApiSchema.isWithHeaders(schema) ? schema.schema : schema))
          if (json !== undefined) takes(bodies, json)
        }
      }
    }
    HttpApi.reflect(ClassicApi, look)
    HttpApi.reflect(V1Api, look)
    HttpApi.reflect(TalkApi, look)
    assert.isAbove(seen, operations.length)
  })
})

describe("a document of several dialects", () => {
  const operation = operationsOf({ errorBody: (detail) => ({ detail }), errors: {}, rare: [], parameters: {} })
  const dialect = (id: string, path: `/${string}`, schema: Schema.Top) => {
    class Group extends HttpApiGroup.make("contacts", { topLevel: true }).add(
      HttpApiEndpoint.get("any", path, { success: schema }).annotateMerge(
        operation({ id, summary: "Any", description: "Any" })
      )
    ) {}
    return class Api extends HttpApi.make(id).add(Group) {}
  }
  const Body = described(Schema.Struct({ id: Schema.Int }), { name: "Shared", description: "Shared" })
  const Other = described(Schema.Struct({ id: Schema.String }), { name: "Shared", description: "Shared" })
  const merge = (...dialects: ReadonlyArray<HttpApi.Constraint>) => openApiDocument(dialects, { version: "1" })

  it("shares tags and components that are the same", () => {
    const { components, paths, tags } = merge(ClassicApi, dialect("one", "/one", Body), dialect("two", "/two", Body))
    assert.deepStrictEqual(
      tags.map(({ name }) => name),
      ["auth", "contacts", "notes"]
    )
    assert.containsAllKeys(paths, ["/contacts", "/one", "/two"])
    assert.containsAllKeys(components.schemas, ["ClassicContact", "Shared"])
  })

  it("refuses two things under one name", () => {
    assert.throws(() => merge(dialect("one", "/one", Body), dialect("two", "/two", Other)), /Two components .* Shared/)
    assert.throws(() => merge(dialect("one", "/one", Body), dialect("one", "/two", Body)), /Two operations .* one/)
    assert.throws(() => merge(dialect("one", "/one", Body), dialect("two", "/one", Body)), /Two operations .* get/)
  })
})
