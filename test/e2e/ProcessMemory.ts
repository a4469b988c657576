import { readFile, writeFile } from "node:fs/promises"
import type { LaunchedRookery } from "../support/RookeryServer.ts"

const megabyte = 1_000_000

/**
 * The numbers are those of Linux; elsewhere there is nothing to read them from, and tests that are skipped there say so in
 * their titles. A Linux that does not give them makes them fail.
 */
export const hasProcessMemory = process.platform === "linux"

const readKilobytes = async ({ process: { pid } }: LaunchedRookery, name: "VmRSS" | "VmHWM") => {
  const status = await readFile(`/proc/${pid}/status`, "utf8")
  const found = new RegExp(`^${name}:\\s*(\\d+) kB$`, "m").exec(status)?.[1]
  if (found === undefined) throw new Error(`no ${name} in:\n${status}`)
  return Number(found)
}

/** What a process has in memory, in megabytes. */
export const residentMegabytes = async (launched: LaunchedRookery): Promise<number> =>
  ((await readKilobytes(launched, "VmRSS")) * 1024) / megabyte

/** How many bytes a process has read so far, from files and connections together. */
export const bytesRead = async ({ process: { pid } }: LaunchedRookery): Promise<number> => {
  const io = await readFile(`/proc/${pid}/io`, "utf8")
  const found = /^rchar: (\d+)$/m.exec(io)?.[1]
  if (found === undefined) throw new Error(`no rchar in:\n${io}`)
  return Number(found)
}

/** By how many megabytes the memory of a process rises above what it has now, at any moment until `work` is done. */
export const peakRise = async (launched: LaunchedRookery, work: () => Promise<void>): Promise<number> => {
  const before = await residentMegabytes(launched)
  // The kernel keeps the peak, which no sample misses; 5 makes it begin anew.
  await writeFile(`/proc/${launched.process.pid}/clear_refs`, "5")
  await work()
  return ((await readKilobytes(launched, "VmHWM")) * 1024) / megabyte - before
}
