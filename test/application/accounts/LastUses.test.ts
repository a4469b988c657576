import { assert, it } from "@effect/vitest"
import { DateTime } from "effect"
import { LastUses } from "../../../src/application/accounts/LastUses.ts"
import { SessionId } from "../../../src/domain/accounts/Session.ts"

const [one, two, three] = [
  SessionId.make(crypto.randomUUID()),
  SessionId.make(crypto.randomUUID()),
  SessionId.make(crypto.randomUUID())
]
const at = (millis: number) => DateTime.makeUnsafe(millis)

it("keeps the last use of as many sessions as it may", () => {
  const uses = new LastUses(2)
  uses.note(one, at(1))
  uses.note(two, at(2))
  uses.note(three, at(3))
  uses.note(one, at(4))
  assert.deepStrictEqual(uses.unwritten, [
    { id: one, at: at(4) },
    { id: two, at: at(2) }
  ])
})

it("forgets what was written, and nothing that was noted meanwhile", () => {
  const uses = new LastUses(2)
  uses.note(one, at(1))
  uses.note(two, at(1))
  const writing = uses.unwritten
  uses.note(one, at(2))
  uses.written(writing)
  assert.deepStrictEqual(uses.unwritten, [{ id: one, at: at(2) }])
  uses.note(three, at(3))
  assert.deepStrictEqual(uses.get(three), at(3))
  assert.isUndefined(uses.get(two))
})
