import { Effect, type Scope } from "effect"
import { execFile } from "node:child_process"
import { cpSync, globSync, symlinkSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { node, root, temporaryFolder } from "../support/RookeryServer.ts"

/** A program that makes a client of the document, and what is written against that client in `test/clients`. */
export interface ClientGenerator {
  readonly name: string
  /** A file in node_modules, and what it is told. */
  readonly program: ReadonlyArray<string>
  /** How the names of its sources begin: `*Flow.ts` is run, `*Misuse.ts` has to be refused, line by line. */
  readonly sources: string
  /** Beside those that are the same for all. */
  readonly compilerOptions: Readonly<Record<string, unknown>>
}

const document = join(root, "openapi.json")

export const clientGenerators: ReadonlyArray<ClientGenerator> = [
  {
    name: "openapi-typescript",
    program: ["openapi-typescript/bin/cli.js", document, "--output", "generated/schema.ts"],
    sources: "OpenapiFetch",
    compilerOptions: { exactOptionalPropertyTypes: true }
  },
  {
    name: "@hey-api/openapi-ts",
    // The client that sends by fetch is what it makes where nothing else is asked for.
    program: [
      "@hey-api/openapi-ts/bin/run.js",
      "--input",
      document,
      "--output",
      "generated",
      "--no-log-file",
      "--silent"
    ],
    sources: "HeyApi",
    // What it brings along to send requests by does not keep to exactOptionalPropertyTypes.
    compilerOptions: {}
  }
]

/** The TypeScripts that applications have: packages of this project. */
export const compilers = ["typescript", "typescript-7"] as const

const compilerOptions = {
  target: "ES2023",
  module: "NodeNext",
  lib: ["ES2023", "DOM", "DOM.Iterable"],
  types: ["node"],
  strict: true,
  noUncheckedIndexedAccess: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  noImplicitOverride: true,
  noFallthroughCasesInSwitch: true,
  verbatimModuleSyntax: true,
  rewriteRelativeImportExtensions: true,
  skipLibCheck: true,
  outDir: "js"
}

export interface Ended {
  readonly code: number | string
  /** What it has printed. */
  readonly text: string
}

/** Runs one of Node's programs to its end. */
export const run = (file: string, args: ReadonlyArray<string>, cwd: string): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(node, [file, ...args], { cwd, timeout: 120_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code ?? error.signal ?? 1), text: stdout + stderr })
    })
  })

/**
 * A folder with the client that a generator makes of the committed document, and what is written against it. It goes
 * with the scope. It is none of the project's own, since Node takes the types out of nothing in node_modules.
 */
export const generated = (generator: ClientGenerator): Effect.Effect<string, never, Scope.Scope> =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    const sources = globSync([`${generator.sources}*.ts`, "VerificationMail.ts"], { cwd: join(root, "test/clients") })
    for (const source of sources) cpSync(join(root, "test/clients", source), join(folder, basename(source)))
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "dir")
    writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }))
    const settings = { compilerOptions: { ...compilerOptions, ...generator.compilerOptions } }
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(settings))
    const [program = "", ...args] = generator.program
    const { code, text } = yield* Effect.promise(() => run(join(root, "node_modules", program), args, folder))
    if (code !== 0) return yield* Effect.die(new Error(`${generator.name} ended with ${code}: ${text}`))
    return folder
  })

/** Type-checks such a folder, and leaves its JavaScript in `js`. */
export const compile = (folder: string, compiler: (typeof compilers)[number]): Promise<Ended> =>
  run(join(root, "node_modules", compiler, "bin/tsc"), ["--project", "."], folder)
