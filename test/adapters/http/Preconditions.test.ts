import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import {
  type ConditionalHeaders,
  mayChange,
  preconditions,
  readStatus
} from "../../../src/adapters/http/Preconditions.ts"

const now = '"now"'
const conditions = (headers: ConditionalHeaders) => Result.getOrThrow(preconditions(headers))
const status = (headers: ConditionalHeaders) => readStatus(conditions(headers), now)
const isChanged = (headers: ConditionalHeaders) => mayChange(conditions(headers), now)

describe("a conditional request", () => {
  it("without conditions is acted on", () => {
    assert.strictEqual(status({}), 200)
    assert.isTrue(isChanged({}))
  })

  it("to read is answered with what changed, 304 where nothing did, and 412 where If-Match says so", () => {
    assert.strictEqual(status({ "if-none-match": '"old"' }), 200)
    assert.strictEqual(status({ "if-none-match": '"old", W/"now"' }), 304)
    assert.strictEqual(status({ "if-none-match": "*" }), 304)
    assert.strictEqual(status({ "if-none-match": "" }), 200)
    assert.strictEqual(status({ "if-match": '"old"' }), 412)
    assert.strictEqual(status({ "if-match": 'W/"now"' }), 412)
    assert.strictEqual(status({ "if-match": '"now"' }), 200)
  })

  it("is held to If-Match first", () => {
    assert.strictEqual(status({ "if-match": '"old"', "if-none-match": now }), 412)
    assert.strictEqual(status({ "if-match": now, "if-none-match": now }), 304)
  })

  it("to change acts on what is as it is known to be", () => {
    assert.isTrue(isChanged({ "if-match": '"now"' }))
    assert.isTrue(isChanged({ "if-match": '"old", "now"' }))
    assert.isTrue(isChanged({ "if-match": "*" }))
    assert.isFalse(isChanged({ "if-match": '"old"' }))
    assert.isFalse(isChanged({ "if-match": 'W/"now"' }))
    assert.isFalse(isChanged({ "if-match": "" }))
    assert.isTrue(isChanged({ "if-none-match": '"old"' }))
    assert.isFalse(isChanged({ "if-none-match": 'W/"now"' }))
    assert.isFalse(isChanged({ "if-none-match": "*" }))
  })

  it("is told which header is malformed", () => {
    assert.deepStrictEqual(preconditions({ "if-match": "now" }), Result.fail("If-Match"))
    assert.deepStrictEqual(preconditions({ "if-match": "*", "if-none-match": "now" }), Result.fail("If-None-Match"))
  })
})
