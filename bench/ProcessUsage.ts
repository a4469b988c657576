import { readFileSync } from "node:fs"

/** Of Linux, whatever its configuration: what /proc counts in. */
const ticksPerSecond = 100

/** Processor time that a process and its threads have used, in milliseconds; undefined where the system has no /proc. */
export const cpuMillis = (pid: number): number | undefined => {
  const stat = read(`/proc/${pid}/stat`)
  if (stat === undefined) return undefined
  // The name of the program, in parentheses, may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  return ((Number(fields[11]) + Number(fields[12])) / ticksPerSecond) * 1000
}

/** Memory that a process has resident, in megabytes; undefined where the system has no /proc. */
export const residentMegabytes = (pid: number): number | undefined => {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? "")?.[1]
  return kilobytes === undefined ? undefined : (Number(kilobytes) * 1024) / 1e6
}

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return undefined
  }
}
