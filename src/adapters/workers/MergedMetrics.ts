import type { Said } from "./WorkerMessages.ts"

interface Family {
  /** Its HELP and TYPE. */
  readonly head: ReadonlyArray<string>
  readonly samples: Array<string>
}

/** With the label before the others; a name ends where labels or the value begin. */
const labelled = (sample: string, worker: number): string => {
  const [name = ""] = /^[^{ ]+/.exec(sample) ?? []
  const rest = sample.slice(name.length)
  const label = `worker="${worker}"`
  return rest.startsWith("{") ? `${name}{${label},${rest.slice(1)}` : `${name}{${label}}${rest}`
}

/** The families of an exposition by their names, in its order: the HELP of each is followed by its TYPE, and that by samples. */
const familiesOf = (text: string): ReadonlyMap<string, Family> => {
  const families = new Map<string, Family>()
  let help: ReadonlyArray<string> = []
  let samples: Array<string> = []
  for (const line of text.split("\n")) {
    if (line.startsWith("# HELP ")) help = [line]
    else if (line.startsWith("# TYPE ")) {
      samples = []
      families.set(line.split(" ")[2] ?? "", { head: [...help, line], samples })
      help = []
    } else if (line !== "") samples.push(line)
  }
  return families
}

const own = (said: ReadonlyArray<Said>): string =>
  [
    "# HELP rookery_worker_up Whether the worker answered for this reading",
    "# TYPE rookery_worker_up gauge",
    ...said.map(({ text, worker }) => `rookery_worker_up{worker="${worker}"} ${text === undefined ? 0 : 1}`),
    "# HELP rookery_worker_restarts_total How often the worker was started again",
    "# TYPE rookery_worker_restarts_total counter",
    ...said.flatMap(({ restarts, worker }) =>
      restarts === undefined ? [] : [`rookery_worker_restarts_total{worker="${worker}"} ${restarts}`]
    )
  ].join("\n")

/**
 * One exposition out of those of several workers. Each series bears its worker's number, and is not summed: a counter that
 * begins anew with its process would make the sum fall, which Prometheus takes for a reset of all. Of the families in
 * `shared`, in which all say the same, the first worker's stand for all, without a number.
 */
export const mergedMetrics = (said: ReadonlyArray<Said>, shared: ReadonlySet<string>): string => {
  const merged = new Map<string, Family>()
  for (const { text = "", worker } of said) {
    for (const [name, { head, samples }] of familiesOf(text)) {
      const known = merged.get(name)
      if (shared.has(name)) {
        if (known === undefined) merged.set(name, { head, samples })
        continue
      }
      const family = known ?? { head, samples: [] }
      family.samples.push(...samples.map((sample) => labelled(sample, worker)))
      merged.set(name, family)
    }
  }
  const lines = [...merged.values()].flatMap(({ head, samples }) => [...head, ...samples])
  return `${[...lines, own(said)].join("\n")}\n`
}
