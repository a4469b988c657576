import type { Run } from "./Results.ts"

interface Target {
  readonly scenario: string
  readonly metric: string
  readonly against: string
  /** What Rookery's median is to be to the other's. */
  readonly wanted: { readonly atLeast: number } | { readonly atMost: number }
}

const atLeast = (scenario: string, against: string, ratio: number): Target => ({
  scenario,
  metric: "rps",
  against,
  wanted: { atLeast: ratio }
})

const atMost = (scenario: string, metric: string, ratio: number): Target => ({
  scenario,
  metric,
  against: "fastify",
  wanted: { atMost: ratio }
})

export const targets: ReadonlyArray<Target> = [
  atLeast("contact", "fastify", 1.3),
  atLeast("contact", "fastapi", 12),
  atLeast("list", "fastify", 1.3),
  atLeast("list", "fastapi", 12),
  atLeast("note", "fastify", 1.5),
  atLeast("note", "fastapi", 10),
  atMost("contact", "p99", 1),
  atMost("list", "p99", 1),
  atMost("note", "p99", 1),
  atMost("memory", "load", 1.5)
]

export interface Outcome {
  readonly scenario: string
  readonly metric: string
  readonly against: string
  readonly wanted: string
  /** Rookery's median divided by the other's. */
  readonly ratio: number
  readonly met: boolean
}

/** Of the targets whose two servers took part. */
export const outcomes = ({ scenarios }: Pick<Run, "scenarios">): ReadonlyArray<Outcome> =>
  targets.flatMap(({ against, metric, scenario, wanted }) => {
    const played = scenarios.find(({ name }) => name === scenario)
    const of = (name: string) => played?.servers.find((server) => server.name === name)
    const [own, other] = [of("rookery")?.medians[metric], of(against)?.medians[metric]]
    const title = played?.metrics.find(({ name }) => name === metric)?.title
    if (played === undefined || own === undefined || other === undefined || title === undefined) return []
    const ratio = own / other
    const met = "atLeast" in wanted ? ratio >= wanted.atLeast : ratio <= wanted.atMost
    const text = "atLeast" in wanted ? `at least ${wanted.atLeast}` : `at most ${wanted.atMost}`
    const peer = of(against)?.title ?? against
    return [{ scenario: played.title, metric: title, against: peer, wanted: text, ratio, met }]
  })

/** How much slower the median answer may be where the tables hold more. */
export const mostGrowth = 1.2

export interface Flatness {
  readonly scenario: string
  /** The slowest median answer, on whichever size, by the one on the smallest. */
  readonly ratio: number
  readonly flat: boolean
}

/** Of a run whose servers are the sizes, the smallest first. */
export const flatness = ({ scenarios }: Pick<Run, "scenarios">): ReadonlyArray<Flatness> =>
  scenarios.flatMap(({ servers, title }) => {
    const medians = servers.flatMap(({ medians: { p50 } }) => (p50 === undefined ? [] : [p50]))
    const [smallest] = medians
    if (smallest === undefined) return []
    const ratio = Math.max(...medians) / smallest
    return [{ scenario: title, ratio, flat: ratio <= mostGrowth }]
  })
