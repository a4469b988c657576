import { Effect, type Scope } from "effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { freePort } from "../../bench/Ports.ts"
import type { Peer } from "../../bench/peers/Peers.ts"
import { ApiClient } from "../support/ApiClient.ts"

export interface PeerProcess {
  readonly api: ApiClient
  /** Everything that it has printed so far. */
  readonly output: () => string
  /** Asks it to end, and waits until it has. Kills what has not ended after 5 seconds: then this is "SIGKILL". */
  readonly stop: () => Promise<number | NodeJS.Signals | null>
}

const launch = async (peer: Peer, port: number, env: Readonly<Record<string, string>>): Promise<PeerProcess> => {
  const [command, args] = peer.command(process.env)
  const child = spawn(command, args, {
    env: { ...process.env, ...env, PORT: String(port), HOST: "127.0.0.1", NODE_ENV: "production" },
    stdio: ["ignore", "pipe", "pipe"]
  })
  let printed = ""
  let isUp = () => {}
  const up = new Promise<void>((resolve) => {
    isUp = resolve
  })
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      printed += text
      if (/^listening$/m.test(printed)) isUp()
    })
  }
  const ended = once(child, "close").then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals | null)
  const stop = async () => {
    child.kill("SIGTERM")
    const timer = setTimeout(() => child.kill("SIGKILL"), 5000)
    return ended.finally(() => clearTimeout(timer))
  }
  const fails = ended.then((how) => Promise.reject(new Error(`${peer.title} did not start (${how}):\n${printed}`)))
  await Promise.race([up, fails])
  fails.catch(() => {})
  return { api: new ApiClient(`http://127.0.0.1:${port}`), output: () => printed, stop }
}

/** A peer on a port of its own, stopped with its scope. */
export const startPeer = (
  peer: Peer,
  env: Readonly<Record<string, string>>
): Effect.Effect<PeerProcess, unknown, Scope.Scope> =>
  Effect.flatMap(freePort, (port) =>
    Effect.acquireRelease(
      Effect.promise(() => launch(peer, port, env)),
      ({ stop }) => Effect.promise(stop)
    )
  )
