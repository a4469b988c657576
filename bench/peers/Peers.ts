import { execFile } from "node:child_process"
import { join } from "node:path"
import { promisify } from "node:util"

/** A server that does for the scenarios what Rookery does, on Rookery's tables. */
export interface Peer {
  /** By which it is chosen. */
  readonly name: string
  /** For people. */
  readonly title: string
  /**
   * The program and its arguments. It reads `PORT`, `HOST`, `DATABASE_URL` and `JWT_SECRET` (32 bytes or more), prints
   * `listening` once it answers, and ends with SIGTERM.
   */
  command(env: Environment): readonly [command: string, args: ReadonlyArray<string>]
  /** Why it has to be left out on this machine, if so. */
  available(env?: Environment): Promise<string | undefined>
}

type Environment = Readonly<Record<string, string | undefined>>

const run = promisify(execFile)

const program = (name: string, file: string) => join(import.meta.dirname, name, file)

const onNode = (name: string, title: string): Peer => ({
  name,
  title,
  command: () => [process.execPath, [program("node", "start.ts"), name]],
  available: async () => undefined
})

const pythonOf = ({ BENCH_PYTHON }: Environment): string =>
  BENCH_PYTHON === undefined || BENCH_PYTHON === "" ? "python3" : BENCH_PYTHON

/** Of requirements.txt, as programs name them. */
const pythonModules =
  "fastapi, sqlalchemy, greenlet, asyncpg, uvicorn, uvloop, httptools, websockets, multipart, orjson, jwt, argon2"

const fastapi: Peer = {
  name: "fastapi",
  title: "FastAPI + SQLAlchemy + asyncpg",
  command: (env) => [pythonOf(env), [program("fastapi", "server.py")]],
  available: async (env = process.env) => {
    const python = pythonOf(env)
    try {
      await run(python, ["-c", `import ${pythonModules}`], { timeout: 20_000 })
      return undefined
    } catch (error) {
      const said = String(error instanceof Error && "stderr" in error ? error.stderr : "").trim()
      const why = said.split("\n").at(-1) ?? ""
      const how = `see bench/peers/fastapi/requirements.txt, and name such a Python by BENCH_PYTHON`
      return `${python} has not what it needs (${why === "" ? String(error) : why}): ${how}`
    }
  }
}

export const peers: ReadonlyArray<Peer> = [
  onNode("fastify", "Fastify + pg"),
  onNode("hono", "Hono + postgres"),
  fastapi
]
