import { assert, describe, it } from "@effect/vitest"
import { Duration } from "effect"
import { pauseAfter } from "../../../src/adapters/workers/Workers.ts"

describe("the pause before a worker is started again", () => {
  it("doubles from 100 milliseconds to 30 seconds", () => {
    assert.deepStrictEqual(
      [1, 2, 3, 9, 10, 1e6].map((failures) => Duration.toMillis(pauseAfter(failures))),
      [100, 200, 400, 25_600, 30_000, 30_000]
    )
  })
})
