import { assert, layer } from "@effect/vitest"
import { Effect, Logger } from "effect"
import { warnOfFewConnections } from "../../../src/adapters/postgres/ConnectionBudget.ts"
import { describeWith, postgresUrl } from "../../support/Services.ts"
import { serverDatabase } from "../../support/TestDatabase.ts"

/** What is logged for so many processes with 10 connections each. */
const warned = Effect.fnUntraced(function* (processes: number) {
  const messages: Array<string> = []
  const logger = Logger.make(({ logLevel, message }) => {
    messages.push(`${logLevel} ${String(message)}`)
  })
  yield* warnOfFewConnections(processes, 10).pipe(Effect.provide(Logger.layer([logger])))
  return messages
})

describeWith(postgresUrl)("connections of several processes", () => {
  layer(serverDatabase())((it) => {
    it.effect("are warned of where the server does not take as many", () =>
      Effect.gen(function* () {
        const [message, ...others] = yield* warned(1_000_000)
        assert.match(
          message ?? "",
          /^Warn The database takes \d+ connections, and 1000000 workers open up to 10000000: raise its max_connections/
        )
        assert.isEmpty(others)
      })
    )

    it.effect("are not worth a word where it does", () =>
      Effect.gen(function* () {
        assert.isEmpty(yield* warned(1))
      })
    )
  })
})
