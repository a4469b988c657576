import { accessSync, constants } from "node:fs"
import { delimiter, join } from "node:path"
import { autocannonGenerator } from "./Autocannon.ts"
import { wrk } from "./Wrk.ts"

export const generatorNames = ["wrk", "autocannon"] as const
export type GeneratorName = (typeof generatorNames)[number]

const isInstalled = (program: string): boolean =>
  (process.env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })

/** The one that is named; or else wrk, which leaves the servers most of the processor, where it is installed. */
export const loadGenerator = (name: GeneratorName = isInstalled("wrk") ? "wrk" : "autocannon") =>
  name === "wrk" ? wrk : autocannonGenerator
