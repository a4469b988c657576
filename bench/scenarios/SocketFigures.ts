import { cpuMillis, residentMegabytes } from "../ProcessUsage.ts"
import { percentile } from "../Statistics.ts"
import type { Figures, Scenario } from "./Scenario.ts"

/** Of what reaches WebSockets. */
export const deliveryMetrics: Scenario["metrics"] = [
  { name: "rps", title: "deliveries/s", better: "higher", digits: 0 },
  { name: "p50", title: "p50 ms", better: "lower", digits: 2 },
  { name: "p99", title: "p99 ms", better: "lower", digits: 2 },
  { name: "cpu", title: "CPU ms/delivery", better: "lower", digits: 3 },
  { name: "memory", title: "MB", better: "lower", digits: 0 }
]

/** Times from a request to its arrival at a socket in `latencies`, in milliseconds; `millis` is what it took altogether. */
export const deliveryFigures = (
  pid: number,
  { cpuBefore, latencies, millis }: { cpuBefore: number | undefined; latencies: ReadonlyArray<number>; millis: number }
): Figures => {
  const cpuAfter = cpuMillis(pid)
  const memory = residentMegabytes(pid)
  const cpu = cpuBefore === undefined || cpuAfter === undefined ? undefined : cpuAfter - cpuBefore
  return {
    rps: latencies.length / (millis / 1000),
    p50: percentile(latencies, 50),
    p99: percentile(latencies, 99),
    ...(cpu === undefined ? {} : { cpu: cpu / latencies.length }),
    ...(memory === undefined ? {} : { memory })
  }
}
