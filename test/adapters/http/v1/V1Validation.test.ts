import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { HttpApiError } from "effect/http-api"
import { invalidField, invalidRequest } from "../../../../src/adapters/http/v1/V1Validation.ts"
import { NonBlankText } from "../../../../src/domain/shared/Text.ts"

const Payload = Schema.Struct({
  name: NonBlankText(5),
  kind: Schema.optionalKey(Schema.Literal("only")),
  kinds: Schema.optionalKey(Schema.Literals(["one", "other"])),
  tags: Schema.optionalKey(Schema.Array(Schema.Int))
})

const decode = Schema.decodeUnknownEffect(Payload)

const refused = (input: unknown, kind: HttpApiError.HttpApiSchemaError["kind"] = "Payload") =>
  HttpApiError.HttpApiSchemaError.wrap(kind, decode(input, { errors: "all", onExcessProperty: "error" })).pipe(
    Effect.flip,
    Effect.flatMap(invalidRequest),
    Effect.flip
  )

const statusOf = Effect.fnUntraced(function* (input: unknown) {
  const error = yield* refused(input)
  assert.notInstanceOf(error, HttpApiError.HttpApiSchemaError)
  return "status" in error ? { status: error.status, detail: error.detail, errors: error.errors } : undefined
})

describe("invalidRequest", () => {
  it.effect.each([
    { input: {}, field: "name", message: "is required" },
    { input: { name: 5 }, field: "name", message: "must be a string" },
    { input: { name: " " }, field: "name", message: "must not be blank" },
    { input: { name: "a", kind: "other" }, field: "kind", message: 'must be "only"' },
    { input: { name: "a", kinds: "x" }, field: "kinds", message: 'must be "one" or "other"' },
    { input: { name: "      " }, field: "name", message: "must be at most 5 characters" },
    { input: { name: "a", tags: [1, "x"] }, field: "tags.1", message: "must be a number" },
    { input: { name: "a", bogus: 1 }, field: "bogus", message: "is not a known field" },
    { input: { name: "a", "<b>": 1 }, field: "", message: "has an unknown field" },
    { input: [], field: "", message: "must be an object" },
    { input: undefined, field: "", message: "must be an object" }
  ])("names what is wrong with %j", ({ field, input, message }) =>
    Effect.gen(function* () {
      const detail = `${field === "" ? "The request body" : field} ${message}`
      assert.deepStrictEqual(yield* statusOf(input), { status: 422, detail, errors: [{ field, message }] })
    })
  )

  it.effect("names three things in a sentence, and lists no more than twenty", () =>
    Effect.gen(function* () {
      const bogus = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`k${index}`, 1]))
      const problem = yield* statusOf({ ...bogus, name: "a" })
      assert.strictEqual(
        problem?.detail,
        "k0 is not a known field; k1 is not a known field; k2 is not a known field; 97 more"
      )
      assert.lengthOf(problem?.errors ?? [], 20)
    })
  )

  it.effect("leaves answers that fit no schema to be a fault of the server", () =>
    Effect.gen(function* () {
      for (const kind of ["Body", "ResponseHeaders"] as const) {
        assert.instanceOf(yield* refused({}, kind), HttpApiError.HttpApiSchemaError)
      }
    })
  )

  it.effect("says the same of a query, a path and a header", () =>
    Effect.gen(function* () {
      for (const kind of ["Query", "Params", "Headers"] as const) {
        const error = yield* refused({}, kind)
        assert.strictEqual("detail" in error ? error.detail : undefined, "name is required")
      }
    })
  )

  it.effect("knows that a parameter of a query is no text only where it is there twice", () =>
    Effect.gen(function* () {
      const detail = Effect.fnUntraced(function* (input: unknown) {
        const error = yield* refused(input, "Query")
        return "detail" in error ? error.detail : undefined
      })
      assert.strictEqual(yield* detail({ name: ["a", "b"] }), "name must be sent once")
      assert.strictEqual(yield* detail({ name: "a", kind: "other" }), 'kind must be "only"')
      assert.strictEqual(yield* detail({ name: "a", kinds: "x" }), 'kinds must be "one" or "other"')
    })
  )

  it("is what a handler says of one field", () => {
    const { detail, errors, status } = invalidField("password", "is required")
    assert.deepStrictEqual(
      { detail, errors, status },
      { detail: "password is required", errors: [{ field: "password", message: "is required" }], status: 422 }
    )
  })
})
