import { Effect, type Scope } from "effect"
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { root, temporaryFolder } from "../support/RookeryServer.ts"
import { run } from "./GeneratedClients.ts"

/** Stricter in some things than this project, and laxer in others: what is installed has to bear both. */
const compilerOptions = {
  target: "ES2023",
  module: "NodeNext",
  types: ["node"],
  strict: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  noImplicitReturns: true,
  verbatimModuleSyntax: true,
  skipLibCheck: true,
  noEmit: true
}

/** A project of somebody else that has `rookery` and `effect` installed, and the chat of the examples. It goes with the scope. */
export const clientProject: Effect.Effect<string, never, Scope.Scope> = Effect.gen(function* () {
  const folder = yield* temporaryFolder
  const modules = join(folder, "node_modules")
  mkdirSync(modules)
  const { code, text } = yield* Effect.promise(() =>
    run(join(root, "scripts/client.ts"), [join(modules, "rookery")], root)
  )
  if (code !== 0) return yield* Effect.die(new Error(`The package was not made: ${code} ${text}`))
  for (const name of ["effect", "@types"]) symlinkSync(join(root, "node_modules", name), join(modules, name), "dir")
  cpSync(join(root, "examples/chat.ts"), join(folder, "chat.ts"))
  cpSync(join(root, "test/clients/RookeryClientMisuse.ts"), join(folder, "misuse.ts"))
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }))
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }))
  return folder
})
