import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { violations } from "../../../src/adapters/http/Violation.ts"
import { EmailAddress } from "../../../src/domain/shared/EmailAddress.ts"
import { NonBlankText } from "../../../src/domain/shared/Text.ts"

const Payload = Schema.Struct({
  name: NonBlankText(5),
  email: Schema.optionalKey(Schema.NullOr(EmailAddress)),
  tags: Schema.optionalKey(Schema.Array(Schema.Int))
})

const found = (input: unknown) =>
  Schema.decodeUnknownEffect(Payload)(input, { errors: "all", onExcessProperty: "error" }).pipe(
    Effect.flip,
    Effect.map(({ issue }) =>
      violations(issue)
        .map(({ kind, message, path }) => `${path.join(".")} [${kind}] ${message}`)
        .toSorted()
    )
  )

describe("violations", () => {
  it.effect.each([
    { input: {}, expected: ["name [missing] is required"] },
    { input: { name: 5 }, expected: ["name [type] must be a string"] },
    { input: { name: " " }, expected: ["name [value] must not be blank"] },
    { input: { name: "a", email: 5 }, expected: ["email [type] must be a string or null"] },
    { input: { name: "a", email: "x" }, expected: ["email [value] must be an e-mail address such as ada@example.com"] },
    { input: { name: "a", bogus: 1 }, expected: ["bogus [unexpected] is not a known field"] },
    { input: { name: "a", tags: [1, "x"] }, expected: ["tags.1 [type] must be a number"] },
    { input: [], expected: [" [type] must be an object"] },
    { input: null, expected: [" [type] must be an object"] },
    {
      input: { email: "x", bogus: 1 },
      expected: [
        "bogus [unexpected] is not a known field",
        "email [value] must be an e-mail address such as ada@example.com",
        "name [missing] is required"
      ]
    }
  ])("finds what is wrong with %j", ({ expected, input }) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* found(input), expected)
    })
  )

  it.effect("never repeats what was sent", () =>
    Effect.gen(function* () {
      const text = (yield* found({ name: "hunter2-hunter2", email: "hunter2", hunter: "hunter2" })).join()
      assert.notInclude(text, "hunter2")
    })
  )
})
