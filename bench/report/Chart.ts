import type { Run, ScenarioResult } from "./Results.ts"

/** Who is shown, and in which colour. What does less than the others is a limit, not somebody to be compared. */
const colours: Readonly<Record<string, string>> = {
  rookery: "#2f7ed8",
  fastify: "#e0a030",
  hono: "#e0633a",
  fastapi: "#2f9e84"
}

const sizes = { width: 760, left: 270, right: 70, top: 46, bar: 13, gap: 16 }

interface Bar {
  readonly name: string
  readonly title: string
  /** How many times as fast as Rookery. */
  readonly speed: number
}

const barsOf = ({ metrics: [metric], servers }: ScenarioResult): ReadonlyArray<Bar> =>
  servers.flatMap(({ name, ratios, title }) => {
    const ratio = ratios[metric.name]
    if (ratio === undefined || colours[name] === undefined) return []
    return [{ name, title, speed: metric.better === "higher" ? ratio : 1 / ratio }]
  })

const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;")

/** About as wide as the text is, in the units of the picture. */
const widthOf = (text: string) => text.length * 7

const legend = (bars: ReadonlyArray<Bar>) => {
  let x = 10
  return [...new Map(bars.map((bar) => [bar.name, bar])).values()]
    .map(({ name, title }) => {
      const entry =
        `<g transform="translate(${x} 32)"><rect y="-10" width="12" height="12" fill="${colours[name]}"/>` +
        `<text x="18">${escaped(title)}</text></g>`
      x += widthOf(title) + 45
      return entry
    })
    .join("\n")
}

/** What is compared is a speed: of memory less is better, but nothing is faster. */
const isSpeed = ({ name }: ScenarioResult) => name !== "memory"

/** Bars of how fast each server is beside Rookery; the colours of the text are those of the page, be it light or dark. */
export const chart = (run: Pick<Run, "scenarios">): string => {
  const groups = run.scenarios
    .filter(isSpeed)
    .map((scenario) => ({ title: scenario.title, bars: barsOf(scenario) }))
    .filter(({ bars }) => bars.length > 1)
  const all = groups.flatMap(({ bars }) => bars)
  const scale = (sizes.width - sizes.left - sizes.right) / Math.max(1, ...all.map(({ speed }) => speed))
  let y = sizes.top
  const drawn = groups.map(({ bars, title }) => {
    const middle = y + (bars.length * sizes.bar) / 2 + 4
    const label = `<text x="${sizes.left - 10}" y="${middle}" text-anchor="end">${escaped(title)}</text>`
    const shapes = bars.map(({ name, speed }, index) => {
      const top = y + index * sizes.bar
      const width = (speed * scale).toFixed(1)
      return (
        `<rect x="${sizes.left}" y="${top}" width="${width}" height="${sizes.bar - 2}" fill="${colours[name]}"/>` +
        `<text class="value" x="${(sizes.left + speed * scale + 5).toFixed(1)}" y="${top + 9}">${speed.toFixed(2)}</text>`
      )
    })
    y += bars.length * sizes.bar + sizes.gap
    return [label, ...shapes].join("\n")
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${sizes.width} ${y}" width="${sizes.width}" role="img">
<title>How many times as fast as Rookery</title>
<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.value { font-size: 11px }
@media (prefers-color-scheme: dark) { text { fill: #d1d7e0 } }
</style>
<text x="10" y="14">How many times as fast as Rookery, in the same round (median)</text>
${legend(all)}
${drawn.join("\n")}
</svg>
`
}
