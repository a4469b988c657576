import { existsSync } from "node:fs"
import { readFile, writeFile } from "node:fs/promises"
import type { LaunchedRookery } from "../support/RookeryServer.ts"

const megabyte = 1_000_000

/** The numbers are Linux's; elsewhere there is nothing to read them from. */
export const hasProcessMemory = existsSync("/proc/self/clear_refs")

const readKilobytes = async ({ process: { pid } }: LaunchedRookery, name: "VmRSS" | "VmHWM") => {
  const status = await readFile(`/proc/${pid}/status`, "utf8")
  const found = new RegExp(`^${name}:\\s*(\\d+) kB$`, "m").exec(status)?.[1]
  if (found === undefined) throw new Error(`no ${name} in:\n${status}`)
  return Number(found)
}

/** What a process has in memory, in megabytes. */
export const residentMegabytes = async (launched: LaunchedRookery): Promise<number> =>
  ((await readKilobytes(launched, "VmRSS")) * 1024) / megabyte

/** By how many megabytes the memory of a process rises above what it has now, at any moment until `work` is done. */
export const peakRise = async (launched: LaunchedRookery, work: () => Promise<void>): Promise<number> => {
  const before = await residentMegabytes(launched)
  // The kernel keeps the peak, which no sample misses; 5 makes it begin anew.
  await writeFile(`/proc/${launched.process.pid}/clear_refs`, "5")
  await work()
  return ((await readKilobytes(launched, "VmHWM")) * 1024) / megabyte - before
}
