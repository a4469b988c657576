import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Layer, Redacted } from "effect"
import { spawn } from "node:child_process"
import { join } from "node:path"
import { UpstreamHttp } from "../../../src/adapters/upstream/UpstreamHttp.ts"
import { Upstream } from "../../../src/domain/contacts/Upstream.ts"
import { noteEvent } from "../../contracts/eventPublisherContract.ts"
import { eventually } from "../../contracts/revocationsContract.ts"

const example = join(import.meta.dirname, "../../../examples/upstream-receiver.ts")
const secretOf = (text: string) => `whsec_${btoa(text)}`

describe("examples/upstream-receiver.ts", () => {
  it.live("takes what was signed with its secret, and nothing else", () =>
    Effect.gen(function* () {
      let printed = ""
      const secret = secretOf("a secret that is long enough")
      yield* Effect.acquireRelease(
        Effect.sync(() => {
          const child = spawn(process.execPath, [example, secret, "0"], { stdio: ["ignore", "pipe", "inherit"] })
          child.stdout.on("data", (chunk) => (printed += chunk))
          return child
        }),
        (child) => Effect.sync(() => child.kill("SIGKILL"))
      )
      yield* eventually("it listens", () => /port: \d+/.test(printed))
      const delivering = (secret: string) =>
        Upstream.use((upstream) => upstream.deliver(noteEvent({ data: { body: "hello" } }))).pipe(
          Effect.provide(
            Layer.orDie(
              UpstreamHttp({
                url: Redacted.make(`http://localhost:${/port: (\d+)/.exec(printed)?.[1]}`),
                secret: Redacted.make(secret),
                timeout: Duration.seconds(5)
              })
            )
          )
        )
      yield* delivering(secret)
      yield* eventually("it was printed", () => printed.includes("hello"))
      const error = yield* Effect.flip(delivering(secretOf("another secret, also long enough")))
      assert.deepInclude(error, { _tag: "UpstreamRejected", reason: "answered 401" })
    })
  )
})
