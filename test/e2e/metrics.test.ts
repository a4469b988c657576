import { assert, it } from "vitest"
import { onEach } from "./Suites.ts"

onEach("metrics", ({ api }) => {
  it("show the connections to the database, and how many there may be", async () => {
    await Promise.all([api.signUp(), api.signUp()])
    const { status, text } = await api.get("/metrics")
    assert.strictEqual(status, 200)
    const value = (name: string) => {
      const line = text.split("\n").find((line) => line.startsWith(`${name} `))
      if (line === undefined) throw new Error(`no ${name} in\n${text}`)
      return Number(line.slice(name.length))
    }
    const idle = value('rookery_database_connections{state="idle"}')
    const active = value('rookery_database_connections{state="active"}')
    const max = value("rookery_database_connections_max")
    assert.isAtLeast(idle + active, 1)
    assert.isAtLeast(active, 0)
    assert.isAtLeast(max, idle + active)
  })
})
