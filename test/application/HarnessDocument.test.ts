import { assert, it } from "@effect/vitest"
import { readFileSync } from "node:fs"

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8")

it("docs/harness.md shows the test that runs", () => {
  const [, example] = /```ts\n(.*?)```/s.exec(read("../../docs/harness.md")) ?? []
  assert.strictEqual(example, read("harness.test.ts"))
})
