import { Schema } from "effect"
import { execFile } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

export const projectRoot = fileURLToPath(new URL("../..", import.meta.url))

/** What a checker said about one file: its path, the rule, and the rule's own words. */
export interface Finding {
  readonly file: string
  readonly rule: string
  readonly text: string
}

/** Runs a program to its end; a checker that finds something exits with a code other than 0, which is no error here. */
export const output = (file: string, args: ReadonlyArray<string>, cwd: string): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(file, args, { cwd, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== "number") reject(error)
      else resolve(stdout + stderr)
    })
  })

const OxlintReport = Schema.fromJsonString(
  Schema.Struct({
    diagnostics: Schema.Array(
      Schema.Struct({
        message: Schema.String,
        code: Schema.optionalKey(Schema.String),
        help: Schema.optionalKey(Schema.String),
        filename: Schema.String
      })
    )
  })
)

export const lint = async (directory: string, paths: ReadonlyArray<string> = []): Promise<ReadonlyArray<Finding>> => {
  const oxlint = join(projectRoot, "node_modules", "oxlint", "bin", "oxlint")
  const report = await output(process.execPath, [oxlint, "--format", "json", ...paths], directory)
  return Schema.decodeUnknownSync(OxlintReport)(report).diagnostics.map(({ filename, code, message, help }) => ({
    file: filename,
    rule: code ?? "syntax",
    text: `${message} ${help ?? ""}`
  }))
}

/**
 * A throw-away folder that holds these files and the project's own settings, so that a planted violation meets the
 * rules that the real tree meets. The caller removes it.
 */
export const plantedTree = (files: Readonly<Record<string, string>>) => {
  const directory = mkdtempSync(join(tmpdir(), "rookery-planted-"))
  for (const name of [".oxlintrc.json", "tsconfig.json", "package.json"]) {
    cpSync(join(projectRoot, name), join(directory, name))
  }
  symlinkSync(join(projectRoot, "node_modules"), join(directory, "node_modules"), "dir")
  for (const [path, code] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), code)
  }
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) }
}
