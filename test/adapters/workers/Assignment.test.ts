import { assert, describe, it } from "@effect/vitest"
import { argumentsOf, assignmentOf } from "../../../src/adapters/workers/Assignment.ts"

describe("a worker's assignment", () => {
  it("is read as it was given", () => {
    const assignment = { worker: 12, port: 65_535 }
    assert.deepStrictEqual(assignmentOf(["node", "main.ts", ...argumentsOf(assignment)]), assignment)
  })

  it("is none where there are no such arguments", () => {
    for (const args of [
      [],
      ["node", "main.ts"],
      ["--worker=1"],
      ["--worker=x", "--port=1"],
      ["--port=1", "--worker=1"]
    ]) {
      assert.isUndefined(assignmentOf(args))
    }
  })
})
