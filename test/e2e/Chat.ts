import { Effect, type Scope } from "effect"
import { spawn } from "node:child_process"
import { join } from "node:path"
import { assert } from "vitest"
import { node, root } from "../support/RookeryServer.ts"
import { eventually } from "./Eventually.ts"

/** Somebody who chats in a terminal: what they write goes in by lines, and what they see comes out by lines. */
export interface Chat {
  readonly write: (line: string) => void
  /** All that has been shown so far. */
  readonly shown: () => ReadonlyArray<string>
  /** Waits until exactly that is shown behind the first `from` lines. */
  readonly shows: (from: number, lines: ReadonlyArray<string>) => Promise<void>
  /** Closes the keyboard; the exit code. */
  readonly leave: () => Promise<number | NodeJS.Signals | null>
  /** Waits for its end; the exit code. */
  readonly ended: Promise<number | NodeJS.Signals | null>
}

export interface ChatOptions {
  /** The program; the one of this repository where nothing is said. */
  readonly file?: string
  readonly cwd?: string
}

const example = join(root, "examples/chat.ts")

/** `examples/chat.ts` in a process of its own, which is killed with the scope. */
export const chatting = (
  args: ReadonlyArray<string>,
  { cwd = root, file = example }: ChatOptions = {}
): Effect.Effect<Chat, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => spawn(node, [file, ...args], { cwd, stdio: "pipe" })),
      (child) => Effect.sync(() => child.kill("SIGKILL"))
    ),
    (child) => {
      let text = ""
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk
        })
      }
      const shown = () => text.split("\n").slice(0, -1)
      const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
        child.once("close", (code, signal) => resolve(code ?? signal))
      })
      return {
        write: (line) => child.stdin.write(`${line}\n`),
        shown,
        shows: (from, lines) => eventually(() => assert.deepStrictEqual(shown().slice(from), lines), 20_000),
        leave: () => {
          child.stdin.end()
          return ended
        },
        ended
      }
    }
  )
