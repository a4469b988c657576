import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { ClassicApi } from "../../../src/adapters/http/classic/ClassicApi.ts"
import { routesOf, RouteTable } from "../../../src/adapters/http/RouteTable.ts"

const allowed = (url: string) =>
  Effect.map(RouteTable, (table) => table.allowed(url)).pipe(
    Effect.provide(RouteTable.layer([...routesOf(ClassicApi), { method: "GET", path: "/health" }]))
  )

describe("RouteTable", () => {
  it.effect.each([
    ["/contacts", ["GET", "POST", "HEAD", "OPTIONS"]],
    ["/contacts/", ["GET", "POST", "HEAD", "OPTIONS"]],
    ["/contacts/7?x=1", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS"]],
    ["/contacts/7/notes/8", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS"]],
    ["/logout", ["GET", "POST", "HEAD", "OPTIONS"]],
    ["/auth/register", ["POST", "OPTIONS"]],
    ["/health", ["GET", "HEAD", "OPTIONS"]],
    ["/Contacts", []],
    ["/nowhere", []],
    ["/contacts/1/2", []]
  ] as const)("%s", ([path, methods]) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* allowed(path), methods)
    })
  )
})
