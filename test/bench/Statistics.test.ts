import { assert, describe, it } from "@effect/vitest"
import { median, medianRatio, percentile, shuffled } from "../../bench/Statistics.ts"

describe("statistics of the bench", () => {
  it("take the middle, or what is between the two in the middle", () => {
    assert.strictEqual(median([9, 1, 5]), 5)
    assert.strictEqual(median([10, 2, 1, 4]), 3)
    assert.strictEqual(median([7]), 7)
    assert.isNaN(median([]))
  })

  it("take percentiles by the nearest rank", () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)
    assert.strictEqual(percentile(hundred, 50), 50)
    assert.strictEqual(percentile(hundred, 99), 99)
    assert.strictEqual(percentile(hundred, 100), 100)
    assert.strictEqual(percentile([3, 1, 2], 99), 3)
    assert.strictEqual(percentile([5], 1), 5)
    assert.isNaN(percentile([], 50))
  })

  it("compare what happened in the same round", () => {
    // The machine was half as fast in the second: the ratio is the same all the same.
    assert.strictEqual(medianRatio([200, 100, 210], [100, 50, 100]), 2)
    assert.strictEqual(medianRatio([200, 300], [undefined, 100]), 3)
    assert.isUndefined(medianRatio([200], []))
    assert.isUndefined(medianRatio([200], [0]))
  })

  it("shuffle without loss, and always in the same way", () => {
    const values = Array.from({ length: 1000 }, (_, index) => index)
    const once = shuffled(values)
    assert.notDeepEqual(once, values)
    assert.deepStrictEqual(shuffled(values), once)
    assert.notDeepEqual(shuffled(values, 2), once)
    assert.deepStrictEqual(
      once.toSorted((a, b) => a - b),
      values
    )
  })
})
