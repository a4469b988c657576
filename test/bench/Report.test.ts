import { assert, describe, it } from "@effect/vitest"
import { chart } from "../../bench/report/Chart.ts"
import { markdown } from "../../bench/report/Markdown.ts"
import { flatness, outcomes } from "../../bench/report/Targets.ts"
import { runOf, scenarioResult } from "./Runs.ts"

const contact = scenarioResult("contact", {
  rookery: [
    [2600, 10, 20],
    [1300, 20, 40],
    [2700, 10, 21]
  ],
  fastify: [
    [2000, 11, 30],
    [1000, 22, 60],
    [2100, 11, 31]
  ],
  pgbench: [
    [9000, 1, 2],
    [4500, 1, 2],
    [9100, 1, 2]
  ]
})

describe("a summary", () => {
  it("has medians of rounds, and ratios to Rookery in the same round", () => {
    const fastify = contact.servers.find(({ name }) => name === "fastify")
    assert.deepStrictEqual(fastify?.medians, { rps: 2000, p50: 11, p99: 31 })
    // 2000/2600, 1000/1300, 2100/2700: not what the medians would give where they are of different rounds.
    assert.approximately(fastify?.ratios.rps ?? 0, 10 / 13, 1e-9)
    assert.strictEqual(contact.servers.find(({ name }) => name === "rookery")?.ratios.rps, 1)
  })

  it("has no ratios where Rookery took no part", () => {
    const alone = scenarioResult("contact", { fastify: [[2000, 11, 30]] })
    assert.deepStrictEqual(alone.servers[0]?.ratios, {})
  })
})

describe("targets", () => {
  it("divide Rookery's median by the other's, for those who took part", () => {
    const found = outcomes(runOf(contact))
    assert.deepStrictEqual(
      found.map(({ against, met, metric, wanted }) => ({ against, metric, wanted, met })),
      [
        { against: "Server fastify", metric: "requests/s", wanted: "at least 1.3", met: true },
        { against: "Server fastify", metric: "p99 ms", wanted: "at most 1", met: true }
      ]
    )
    assert.strictEqual(found[0]?.ratio, 1.3)
  })

  it("are missed by whoever is a little too slow", () => {
    const slow = scenarioResult("note", { rookery: [[1499, 10, 21]], fastify: [[1000, 10, 20]] })
    assert.deepStrictEqual(
      outcomes(runOf(slow)).map(({ met }) => met),
      [false, false]
    )
  })

  it("take growth for flat up to a fifth, on whichever size it is slowest", () => {
    const sizes = (p50: number) =>
      scenarioResult("list", { 10000: [[1, 10, 20]], 100000: [[1, p50, 20]], 1000000: [[1, 9, 20]] }, "10000")
    const flat = (p50: number) => flatness(runOf(sizes(p50)))[0]
    assert.deepStrictEqual(flat(12), { scenario: "The list", ratio: 1.2, flat: true })
    assert.strictEqual(flat(12.1)?.flat, false)
  })
})

describe("RESULTS.md", () => {
  const growth = scenarioResult("list", { 10000: [[100, 10, 20]], 100000: [[90, 15, 20]] }, "10000")
  const text = markdown({ comparison: runOf(contact), growth: runOf(growth) })

  it("says what was measured, on what, and who was left out", () => {
    assert.include(text, "commit `abc1234`. A processor, 2 cores, 8 GB, A system.")
    assert.include(text, "`synchronous_commit` on")
    assert.include(text, "Left out: FastAPI: there is no Python.")
    assert.include(text, "| server | requests/s | p50 ms | p99 ms |")
    assert.include(text, "| Server rookery | 2,600 | 10.00 | 21.00 |")
    assert.include(text, "| Server fastify | 2,000 (0.77) | 11.00 (1.10) | 31.00 (1.50) |")
  })

  it("says which targets were met and which not", () => {
    assert.include(text, "| The contact, requests/s | Server fastify | at least 1.3 | 1.30 | met |")
    assert.include(text, "| The list | 1.50 | **no** |")
  })

  it("leaves out what was not measured", () => {
    assert.notInclude(markdown({ comparison: runOf(contact), growth: null }), "growing")
    assert.notInclude(markdown({ comparison: null, growth: runOf(growth) }), "Targets")
  })
})

describe("results.svg", () => {
  it("shows who is how many times as fast, and not the limits", () => {
    const svg = chart(runOf(contact))
    assert.match(svg, /^<svg [^>]*>[\s\S]*<\/svg>\n$/)
    assert.include(svg, ">0.77</text>")
    assert.include(svg, "Server fastify")
    assert.notInclude(svg, "pgbench")
    assert.include(svg, "prefers-color-scheme: dark")
  })

  it("turns round what is better where it is less", () => {
    const played = scenarioResult("start", { rookery: [[500, 1, 1]], fastify: [[250, 1, 1]] })
    const [metric, ...others] = played.metrics
    const start = { ...played, metrics: [{ ...metric, better: "lower" as const }, ...others] as const }
    assert.include(chart(runOf(start)), ">2.00</text>")
  })

  it("writes titles as text", () => {
    const named = { ...contact, title: "a < b & c" }
    assert.include(chart(runOf(named)), "a &lt; b &amp; c")
  })
})
