import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { type BlobRange, rangeHeader, spanOf } from "../../../src/domain/shared/BlobRange.ts"
import { BlobKey, ContentType } from "../../../src/domain/shared/BlobStore.ts"

const isKey = Schema.is(BlobKey)
const isContentType = Schema.is(ContentType)

describe("BlobKey", () => {
  it.each(["a", "avatars/12/0f-3_z", "-", "_", "0", "a".repeat(200), `a/${"b".repeat(198)}`])("%s is one", (key) => {
    assert.isTrue(isKey(key))
  })

  it.each([
    "",
    "/",
    "/a",
    "a/",
    "a//b",
    ".",
    "..",
    "a/..",
    "../a",
    "a/../b",
    "a.b",
    "A",
    "ä",
    "a b",
    "a\\b",
    "a\0",
    "a\n",
    "\na",
    "a%2e",
    "a".repeat(201),
    "\u0131",
    "\u212a"
  ])("%j is none", (key) => {
    assert.isFalse(isKey(key))
  })
})

describe("ContentType", () => {
  it.each(["image/png", "image/svg+xml", "text/plain; charset=utf-8", 'a/b;c="d e"', "application/vnd.a-b.c+json"])(
    "%s is one",
    (type) => {
      assert.isTrue(isContentType(type))
    }
  )

  it.each([
    "",
    "image",
    "image/",
    "/png",
    "image/png\r\nx: y",
    "image/png\n",
    "image/png; ",
    "image/pñg",
    " image/png"
  ])("%j is none", (type) => {
    assert.isFalse(isContentType(type))
  })

  it("has 255 characters at most", () => {
    assert.isTrue(isContentType(`a/${"b".repeat(253)}`))
    assert.isFalse(isContentType(`a/${"b".repeat(254)}`))
  })
})

const Size = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 40 }))
const Range = Schema.Union([
  Schema.Struct({ first: Size, last: Schema.optional(Size) }),
  Schema.Struct({ suffix: Size })
])

/** The bytes that RFC 9110 (14.1.2) has a range stand for. */
const wanted = (range: BlobRange, size: number) =>
  Array.from({ length: size }, (_, n) => n).filter((n) =>
    "suffix" in range ? n >= size - range.suffix : n >= range.first && n <= (range.last ?? n)
  )

describe("BlobRange", () => {
  it.prop("stands for the bytes that it names and that there are", { range: Range, size: Size }, ({ range, size }) => {
    const bytes = wanted(range, size)
    const [first, last] = [bytes[0], bytes.at(-1)]
    assert.deepStrictEqual(spanOf(range, size), first === undefined || last === undefined ? undefined : { first, last })
  })

  it("is written as a header", () => {
    assert.strictEqual(rangeHeader({ first: 2, last: 5 }), "bytes=2-5")
    assert.strictEqual(rangeHeader({ first: 2 }), "bytes=2-")
    assert.strictEqual(rangeHeader({ suffix: 5 }), "bytes=-5")
  })
})
