// Makes the package that TypeScript programs install to have `rookery/client`, with nothing of the server in it.
//
//   npm run client      # into dist/client, and packs it: dist/rookery-<version>.tgz
//
// Node takes the types out of no file in node_modules: what runs is JavaScript. What the types are is read from the
// sources beside it, for the declarations that a compiler makes of the dialects are longer than it agrees to write (TS7056).
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join, relative, resolve } from "node:path"
import ts from "typescript"

const root = join(import.meta.dirname, "..")
const sources = join(root, "src")
const folder = resolve(process.argv[2] ?? join(root, "dist/client"))

/** The module, and all that it and its types are made of. */
const modulesFrom = (file: string, found = new Map<string, string>()): ReadonlyMap<string, string> => {
  if (found.has(file)) return found
  const text = readFileSync(file, "utf8")
  found.set(file, text)
  for (const { fileName } of ts.preProcessFile(text).importedFiles) {
    if (fileName.startsWith(".")) modulesFrom(resolve(dirname(file), fileName), found)
  }
  return found
}

const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2024,
  module: ts.ModuleKind.ESNext,
  verbatimModuleSyntax: true,
  rewriteRelativeImportExtensions: true
}

const write = (path: string, text: string) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}

rmSync(folder, { recursive: true, force: true })
for (const [file, text] of modulesFrom(join(sources, "client.ts"))) {
  const path = relative(sources, file)
  // They have been checked by the options of this project, which are not those of everybody.
  write(join("src", path), `// @ts-nocheck\n${text}`)
  write(
    join("js", path.replace(/\.ts$/, ".js")),
    ts.transpileModule(text, { compilerOptions, fileName: file }).outputText
  )
}

const { dependencies, name, version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
const description = {
  name,
  version,
  type: "module",
  exports: { "./client": { types: "./src/client.ts", default: "./js/client.js" } },
  // The program's own: its effects are run together with ours.
  peerDependencies: { effect: `^${dependencies.effect}` }
}
write("package.json", `${JSON.stringify(description, null, 2)}\n`)
