import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { bareHttp } from "../../bench/limits/BareHttp.ts"
import { autocannonGenerator } from "../../bench/load/Autocannon.ts"
import { loadGenerator } from "../../bench/load/LoadGenerators.ts"
import { wrk } from "../../bench/load/Wrk.ts"
import { contactIn } from "../../bench/scenarios/Answers.ts"
import { inspecting } from "../../bench/scenarios/HttpScenario.ts"
import { whenUp } from "../../bench/servers/Server.ts"

/** The server that gives everybody the same answer. */
const bare = Effect.gen(function* () {
  const folder = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "rookery-test-bench-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true }))
  )
  const launched = yield* bareHttp.launch({ databaseUrl: "", jwtSecret: "", folder })
  yield* whenUp(bareHttp.title, launched)
  return launched
})

const get = (path: string) => ({ method: "GET", path, headers: { accept: "application/json" } }) as const
const post = { method: "POST", path: "/api/v1/contacts/1/notes", headers: {}, body: '{"body":"é"}' } as const

const generators = loadGenerator().name === "wrk" ? [wrk, autocannonGenerator] : [autocannonGenerator]

describe.each(generators)("$name", (generator) => {
  it.live("counts and times what is answered, for as long as it is told to", () =>
    Effect.gen(function* () {
      const { url } = yield* bare
      const drive = yield* generator.prepare([get("/api/v1/contacts/1"), get("/api/v1/contacts?limit=20"), post])
      const driven = yield* drive({ url, seconds: 1, connections: 2, offset: 4 })
      assert.strictEqual(driven.failed, 0)
      assert.isAbove(driven.requests, 10)
      assert.isAbove(driven.p50, 0)
      assert.isAtLeast(driven.p99, driven.p50)
      assert.approximately(driven.seconds, 1, 0.5)
    }).pipe(Effect.scoped)
  )

  it.live("counts what fails", () =>
    Effect.gen(function* () {
      const { url } = yield* bare
      const drive = yield* generator.prepare([get("/missing"), get("/api/v1/contacts/1")])
      const driven = yield* drive({ url, seconds: 1, connections: 2, offset: 0 })
      assert.isAbove(driven.failed, 0)
      assert.isBelow(driven.failed, driven.requests)
    }).pipe(Effect.scoped)
  )
})

describe("what is answered under load", () => {
  it.live("ends the run when it is wrong", () =>
    Effect.gen(function* () {
      const { url } = yield* bare
      const right = { ...get("/api/v1/contacts/100000"), wrong: contactIn(100_000) }
      const wrong = { ...get("/api/v1/contacts/2"), wrong: contactIn(2) }
      assert.isTrue(yield* inspecting(url, [right], Effect.as(Effect.sleep("300 millis"), true)))
      const { message } = yield* Effect.flip(inspecting(url, [wrong], Effect.never))
      assert.include(message, "GET /api/v1/contacts/2 answered 200, and not contact 2")
      // The first one that is looked at may be right.
      yield* Effect.flip(inspecting(url, [right, wrong], Effect.never))
    }).pipe(Effect.scoped)
  )
})
