import { Schema } from "effect"
import { readFileSync } from "node:fs"

const Manifest = Schema.fromJsonString(Schema.Struct({ version: Schema.String }))

/** The version in package.json. */
export const projectVersion = (): string =>
  Schema.decodeSync(Manifest)(readFileSync(new URL("../../../../package.json", import.meta.url), "utf8")).version
