/**
 * How long a start takes and what each process then has in memory, with one process and with several, on the services that
 * DATABASE_URL, NATS_URL and REDIS_URL name. What processes share is counted whole as resident, and in parts as proportional.
 *
 *     node bench/workers.ts [workers]
 */
import { execFileSync, spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"

const program = join(import.meta.dirname, "../src/main.ts")

/** Starts it; the time until it says that it is up, in milliseconds. */
const start = (workers: string) =>
  new Promise<{ readonly pid: number; readonly millis: number; readonly stop: () => Promise<void> }>(
    (resolve, reject) => {
      const started = performance.now()
      const server = spawn(process.execPath, [program], {
        env: { ...process.env, PORT: "0", WORKERS: workers },
        stdio: ["ignore", "pipe", "inherit"]
      })
      const ended = new Promise<void>((end) => server.once("close", () => end()))
      const stop = () => {
        server.kill()
        return ended
      }
      let printed = ""
      server.stdout.setEncoding("utf8").on("data", (text: string) => {
        printed += text
        if (printed.includes("is up on")) resolve({ pid: server.pid ?? 0, millis: performance.now() - started, stop })
      })
      server.once("close", () => reject(new Error(`it did not start: ${printed}`)))
    }
  )

/** Of a process, in megabytes, as Linux counts them. */
const memory = (pid: number) => {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8")
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(rollup)?.[1])
  const megabytes = (count: number) => Math.round((count * 1024) / 1_000_000)
  return { "MB resident": megabytes(kilobytes("Rss")), "MB proportional": megabytes(kilobytes("Pss")) }
}

const processesOf = (primary: number): ReadonlyArray<{ readonly process: string; readonly pid: number }> => {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" }).split("\n")
  const children = lines.flatMap((line) => {
    const [, pid, parent, worker] = /^\s*(\d+)\s+(\d+)\s.*--worker=(\d+)/.exec(line) ?? []
    return Number(parent) === primary ? [{ process: `worker ${worker}`, pid: Number(pid) }] : []
  })
  return [{ process: children.length === 0 ? "the only one" : "primary", pid: primary }, ...children]
}

const rows: Array<object> = []
for (const workers of ["1", process.argv[2] ?? "auto"]) {
  // The first start fills the caches.
  await (await start(workers)).stop()
  const { millis, pid, stop } = await start(workers)
  for (const one of processesOf(pid)) {
    rows.push({ WORKERS: workers, "ms to the start": Math.round(millis), process: one.process, ...memory(one.pid) })
  }
  await stop()
}
console.table(rows)
