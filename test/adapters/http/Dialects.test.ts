import { assert, describe, it } from "@effect/vitest"
import { HttpServerResponse } from "effect/http"
import { dialectOf } from "../../../src/adapters/http/Dialects.ts"

const render = (path: string, detail?: string) => {
  const response = dialectOf(path).render({
    status: 404,
    message: "Not found",
    ...(detail === undefined ? {} : { detail })
  })
  return HttpServerResponse.toWeb(response)
}

describe("dialectOf", () => {
  it.each(["/", "/contacts/1", "/nowhere", "/apiary", "/api2/v1"])("%s is classic", async (path) => {
    assert.deepStrictEqual(await render(path).json(), { error: "Not found" })
  })

  it.each(["/api/v1", "/api/v1/", "/api/v1/contacts/?skip=1", "//api/v1/x"])("%s is v1", async (path) => {
    const response = render(path)
    assert.strictEqual(response.headers.get("content-type"), "application/problem+json")
    assert.deepStrictEqual(await response.json(), {
      type: "about:blank",
      title: "Not Found",
      status: 404,
      detail: "Not found"
    })
  })

  it.each(["/api", "/api/", "/api/v10", "/api/messages/1"])("%s is talk", async (path) => {
    assert.deepStrictEqual(await render(path).json(), { success: false, message: "Not found" })
  })

  it("shows the detail only where there is one", async () => {
    assert.deepStrictEqual(await render("/x", "at line 1").json(), { error: "Not found", detail: "at line 1" })
  })
})
