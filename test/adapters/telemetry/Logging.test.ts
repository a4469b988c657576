import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Redacted } from "effect"
import { TestClock, TestConsole } from "effect/testing"
import { Logging } from "../../../src/adapters/telemetry/Logging.ts"

const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

const json = Logging({ format: "json", level: "Info" })
const pretty = Logging({ format: "pretty", level: "Info" })

const logged = Effect.map(TestConsole.logLines, (lines) => lines.map(String))
const parsed = Effect.map(logged, (lines) => lines.map((line): unknown => JSON.parse(line)))

/** Everything that logs has secrets in it somewhere. */
const leaky = Effect.logError(
  `refused ${jwt}`,
  { token: "abc-1", nested: [{ Authorization: "abc-2" }] },
  Cause.fail(new Error("whsec_abc-3 was wrong", { cause: new Error(`behind it ${jwt}`) }))
).pipe(
  Effect.annotateLogs({
    "Set-Cookie": "abc-4",
    password: "abc-5",
    plain: Redacted.make("abc-6"),
    url: "/x?token=abc-7"
  })
)

describe("Logging", () => {
  it.effect("writes a JSON object a line", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_763_653_460_123)
      yield* Effect.logInfo("Note\nwritten").pipe(Effect.annotateLogs({ requestId: "r-1", contact: 7 }))
      yield* Effect.logWarning("two", { parts: 2 }).pipe(Effect.annotateLogs({ level: "mine", timestamp: "mine" }))
      assert.deepStrictEqual(yield* parsed, [
        {
          timestamp: "2025-11-20T15:44:20.123Z",
          level: "INFO",
          message: "Note\nwritten",
          requestId: "r-1",
          contact: 7
        },
        { timestamp: "2025-11-20T15:44:20.123Z", level: "WARN", message: ["two", { parts: 2 }] }
      ])
      assert.notInclude((yield* logged)[0], "\n")
    }).pipe(Effect.provide(json))
  )

  it.effect("shows causes with the errors behind them", () =>
    Effect.gen(function* () {
      const cause = Cause.die(new Error("outer", { cause: new TypeError("inner") }))
      yield* Effect.logError("Request failed", cause)
      const [line] = yield* parsed
      assert.include(JSON.stringify(line), "Error: outer")
      assert.include(JSON.stringify(line), "TypeError: inner")
      assert.include(JSON.stringify(line), "Logging.test.ts")
    }).pipe(Effect.provide(json))
  )

  it.effect("leaves out what is less than the level", () =>
    Effect.gen(function* () {
      yield* Effect.logInfo("no")
      yield* Effect.logWarning("yes")
      assert.strictEqual((yield* logged).length, 1)
    }).pipe(Effect.provide(Logging({ format: "json", level: "Warn" })))
  )

  for (const [name, layer] of [
    ["json", json],
    ["pretty", pretty]
  ] as const) {
    it.effect(`shows no secret: ${name}`, () =>
      Effect.gen(function* () {
        yield* leaky
        const text = (yield* logged).join("\n")
        assert.notMatch(text, /abc-\d/)
        assert.notInclude(text, jwt)
        assert.isAtLeast(text.split("<redacted").length, 9)
        for (const part of ["refused", "was wrong", "behind it", "nested"]) assert.include(text, part)
      }).pipe(Effect.provide(layer))
    )
  }

  it.effect("writes a line for people that nothing logged can break or forge", () =>
    Effect.gen(function* () {
      yield* Effect.logInfo("Note\nERROR forged \u001b[2J").pipe(
        Effect.annotateLogs({ requestId: "r-1", name: "Ada Lovelace", list: [1, 2], bad: 'a\n"b"' })
      )
      const [line] = yield* logged
      assert.match(
        line ?? "",
        /^\d\d:\d\d:\d\d INFO {2}Note\\nERROR forged \\u001b\[2J requestId=r-1 name="Ada Lovelace" list=\[1,2\] bad="a\\n\\"b\\""$/
      )
    }).pipe(Effect.provide(pretty))
  )

  it.effect("puts the cause below it, indented", () =>
    Effect.gen(function* () {
      yield* Effect.logError("Failed", Cause.fail(new Error("first\nsecond")))
      const [line] = yield* logged
      const [head, ...rest] = (line ?? "").split("\n")
      assert.match(head ?? "", /ERROR Failed$/)
      assert.isTrue(rest.every((text) => text.startsWith("  ")))
      assert.include(rest.join("\n"), "second")
    }).pipe(Effect.provide(pretty))
  )
})
