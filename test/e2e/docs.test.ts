import { Schema } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, it } from "vitest"
import { root } from "../support/RookeryServer.ts"
import { embedded, onEach } from "./Suites.ts"

const Document = Schema.fromJsonString(
  Schema.Struct({
    paths: Schema.Record(
      Schema.String,
      Schema.Record(
        Schema.String,
        Schema.Struct({
          requestBody: Schema.optionalKey(Schema.Unknown),
          responses: Schema.Record(Schema.String, Schema.Unknown)
        })
      )
    )
  })
)

onEach(
  "documentation",
  ({ api }) => {
    it.each(["openapi.json", "asyncapi.json"])("serves the %s that is committed", async (name) => {
      const { headers, text } = await api.get(`/${name}`)
      assert.strictEqual(headers.get("content-type"), "application/json")
      assert.strictEqual(text, readFileSync(join(root, name), "utf8"))
    })

    it("names every status that strangers, and users who send nonsense, are answered", async () => {
      const { text } = await api.get("/openapi.json")
      const { token } = await api.signUp()
      const nonsense = { body: "nonsense", headers: { "content-type": "text/plain" } }
      const malformed = { body: "{", headers: { "content-type": "application/json" } }
      let asked = 0
      for (const [template, methods] of Object.entries(Schema.decodeSync(Document)(text).paths)) {
        const path = template.replaceAll(/\{\w+\}/g, "1")
        for (const [method, { requestBody, responses }] of Object.entries(methods)) {
          const bodies = requestBody === undefined ? [{}] : [{}, nonsense, malformed]
          // A sign-out takes the token away from those that come after it.
          const tokens = path.includes("logout") ? ["nonsense"] : [undefined, "nonsense", token]
          for (const sent of tokens.flatMap((shown) => bodies.map((body) => ({ ...body, token: shown })))) {
            for (const target of [path, `${path}/`]) {
              const { status } = await api.request(method.toUpperCase(), target, sent)
              assert.containsAllKeys(responses, [String(status)], `${method} ${target}`)
              asked += 1
            }
          }
        }
      }
      assert.isAbove(asked, 100)
    })

    it("counts its pages under their own names", async () => {
      await api.get("/docs")
      await api.get("/redoc/")
      const { text } = await api.get("/metrics")
      for (const route of ["/docs", "/redoc", "/openapi.json", "/asyncapi.json"]) {
        const series = text.split("\n").filter((line) => line.startsWith("rookery_http_requests_total"))
        assert.isTrue(
          series.some((line) => line.includes(`route="${route}"`)),
          route
        )
      }
    })
  },
  { only: [embedded] }
)
