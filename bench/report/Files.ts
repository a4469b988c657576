import { Effect, Schema } from "effect"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { BenchError, wordsOf } from "../BenchError.ts"
import { chart } from "./Chart.ts"
import { markdown } from "./Markdown.ts"
import { Results } from "./Results.ts"

const Text = Schema.fromJsonString(Results)

const decode = Schema.decodeSync(Text)
const encode = Schema.encodeSync(Results)

/** What is there is kept beside what is new; what can't be read any more is as good as not there. */
const before = (file: string): Results => {
  try {
    return decode(readFileSync(file, "utf8"))
  } catch {
    return { comparison: null, growth: null }
  }
}

/** Writes results.json, RESULTS.md and results.svg into a folder. */
export const writeResults = (folder: string, fresh: Partial<Results>): Effect.Effect<void, BenchError> =>
  Effect.try({
    try: () => {
      mkdirSync(folder, { recursive: true })
      const file = join(folder, "results.json")
      const results = { ...before(file), ...fresh }
      writeFileSync(file, `${JSON.stringify(encode(results), null, 2)}\n`)
      writeFileSync(join(folder, "RESULTS.md"), markdown(results))
      if (results.comparison !== null) writeFileSync(join(folder, "results.svg"), chart(results.comparison))
    },
    catch: (error) => new BenchError({ message: `the results could not be written: ${wordsOf(error)}` })
  })
