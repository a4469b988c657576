import { type ChildProcess, spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

/** A program of this folder in a process of its own, which can be killed as no test can kill itself. */
export class Program {
  readonly child: ChildProcess
  readonly lines: Array<string> = []
  readonly ended: Promise<number | null>
  #more = Promise.withResolvers<void>()

  constructor(name: string, ...args: ReadonlyArray<string>) {
    this.child = spawn(process.execPath, [fileURLToPath(new URL(name, import.meta.url)), ...args], {
      stdio: ["ignore", "pipe", "inherit"]
    })
    this.ended = new Promise((resolve) => this.child.once("close", (code) => resolve(code)))
    const { stdout } = this.child
    if (stdout === null) throw new Error("no stdout")
    createInterface(stdout).on("line", (line) => {
      this.lines.push(line)
      this.#more.resolve()
      this.#more = Promise.withResolvers()
    })
  }

  /** Waits for a line that begins like this. */
  async line(start: string): Promise<string> {
    while (true) {
      const found = this.lines.find((line) => line.startsWith(start))
      if (found !== undefined) return found
      await Promise.race([
        this.#more.promise,
        this.ended.then((code) => Promise.reject(new Error(`ended with ${code} before ${JSON.stringify(start)}`)))
      ])
    }
  }

  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    this.child.kill(signal)
    await this.ended
  }
}
