import { assert, describe, it } from "@effect/vitest"
import { ExpiringMap } from "../../../src/adapters/limits/ExpiringMap.ts"

describe("ExpiringMap", () => {
  it("forgets what is over", () => {
    const map = new ExpiringMap<{ readonly expiresAt: number }>(10)
    const entry = { expiresAt: 100 }
    map.set("a", entry, 0)
    assert.strictEqual(map.get("a", 99), entry)
    assert.isUndefined(map.get("a", 100))
  })

  it("is never larger than it may be, and drops what was set longest ago", () => {
    const map = new ExpiringMap<{ readonly expiresAt: number }>(3)
    for (const key of ["a", "b", "a", "c", "d"]) map.set(key, { expiresAt: 100 }, 0)
    assert.strictEqual(map.size, 3)
    assert.isUndefined(map.get("b", 0))
    for (const key of ["a", "c", "d"]) assert.isDefined(map.get(key, 0), key)
    for (let n = 0; n < 1000; n++) map.set(`${n}`, { expiresAt: n % 2 === 0 ? 1000 : 10_000 }, n)
    assert.strictEqual(map.size, 3)
  })

  it("gives its memory back while others come, without a timer", () => {
    const map = new ExpiringMap<{ readonly expiresAt: number }>(10_000)
    for (let n = 0; n < 5000; n++) map.set(`${n}`, { expiresAt: 100 }, 0)
    for (let n = 0; n < 2500; n++) map.set("new", { expiresAt: 1000 }, 200)
    assert.strictEqual(map.size, 1)
  })
})
