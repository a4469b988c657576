import { assert, describe, it } from "vitest"
import { requestedRange } from "../../../src/adapters/http/RangeHeader.ts"

describe("a Range header", () => {
  const asked = [
    ["bytes=0-0", { first: 0, last: 0 }],
    ["bytes=5-", { first: 5, last: undefined }],
    ["bytes=-5", { suffix: 5 }],
    ["bytes=-0", { suffix: 0 }],
    ["BYTES=1-2", { first: 1, last: 2 }],
    ["bytes = 1-2 ", { first: 1, last: 2 }],
    ["bytes=0-999999999999999", { first: 0, last: 999_999_999_999_999 }]
  ] as const
  it.each(asked)("%j asks for a part", (range, expected) => {
    assert.deepStrictEqual(requestedRange({ range }), expected)
  })

  const passedOver = ["", "bytes", "bytes=", "bytes=-", "bytes=2-1", "bytes=0-1,2-3", "bytes=a-", "bytes=1.5-2"]
  it.each([...passedOver, "bytes=--1", "bytes=0-1000000000000000", "items=0-1", "bytes=0-1\n"])(
    "%j is passed over",
    (range) => {
      assert.isUndefined(requestedRange({ range }))
    }
  )

  it("asks for nothing where there is none", () => {
    assert.isUndefined(requestedRange({}))
    assert.isUndefined(requestedRange({ "if-range": '"a"' }, "a"))
  })

  it("counts only while If-Range names the strong tag that there is", () => {
    const range = "bytes=0-1"
    assert.isDefined(requestedRange({ range, "if-range": '"a"' }, "a"))
    assert.isDefined(requestedRange({ range, "if-range": ' "a" ' }, "a"))
    for (const other of ['"b"', "a", 'W/"a"', "*", "", '"a", "b"', "Fri, 20 Nov 2026 09:30:00 GMT"]) {
      assert.isUndefined(requestedRange({ range, "if-range": other }, "a"), other)
    }
    assert.isUndefined(requestedRange({ range, "if-range": '"a"' }))
  })
})
