import { assert, describe, it } from "@effect/vitest"
import { STATUS_CODES } from "node:http"
import { statusMessage, statusName } from "../../../src/adapters/http/StatusName.ts"

describe("the names of statuses", () => {
  it("are those of the status line that Node writes, for every error", () => {
    const errors = Object.entries(STATUS_CODES).filter(([status]) => Number(status) >= 400)
    assert.isAbove(errors.length, 30)
    for (const [status, name] of errors) assert.strictEqual(statusName(Number(status)), name)
  })

  it("are said where there is nothing better to say", () => {
    assert.strictEqual(statusMessage(418), "I'm a Teapot")
    assert.strictEqual(statusMessage(404), "Not found")
    assert.strictEqual(statusMessage(499), "Error")
  })
})
