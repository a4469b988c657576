import { assert } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { NotificationExpiry } from "../../../src/application/notifications/NotificationExpiry.ts"
import { NotificationLog } from "../../../src/domain/notifications/NotificationLog.ts"
import { MemoryPorts } from "../../../src/RookeryMemory.ts"
import { someAccount } from "../../contracts/Fixtures.ts"
import { advance, testOn } from "../RookeryTest.ts"

const setting = Effect.gen(function* () {
  const log = yield* NotificationLog
  const { id } = yield* someAccount
  const tell = log.append([{ to: id, notification: { _tag: "ContactsUpdated" } }])
  const isWhole = Effect.isSuccess(log.listAfter(id, 0, 10))
  return { isWhole, log, tell }
})

testOn(Layer.provideMerge(NotificationExpiry, MemoryPorts))(
  "notifications are forgotten within the hour after their week",
  Effect.gen(function* () {
    const { isWhole, tell } = yield* setting
    yield* tell
    yield* advance("6 days")
    yield* tell
    yield* advance("1 day")
    assert.isTrue(yield* isWhole)
    yield* advance("61 minutes")
    assert.isFalse(yield* isWhole)
  })
)

testOn(MemoryPorts)(
  "notifications are forgotten after the database was away",
  Effect.gen(function* () {
    const { isWhole, log, tell } = yield* setting
    let away = true
    let calls = 0
    const Failing = Layer.succeed(
      NotificationLog,
      NotificationLog.of({
        ...log,
        deleteBefore: (before) =>
          Effect.suspend(() => {
            calls += 1
            return away ? Effect.die("the database is away") : log.deleteBefore(before)
          })
      })
    )
    yield* Layer.build(NotificationExpiry.pipe(Layer.provide(Failing)))
    yield* tell
    yield* advance("8 days")
    assert.isAtLeast(calls, 190)
    assert.isTrue(yield* isWhole)
    away = false
    yield* advance("61 minutes")
    assert.isFalse(yield* isWhole)
  })
)
