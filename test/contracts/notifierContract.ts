import { assert, describe, it } from "@effect/vitest"
import { DateTime, Deferred, Effect, Fiber, type Scope, Stream } from "effect"
import { AccountId } from "../../src/domain/accounts/Account.ts"
import { NotificationId } from "../../src/domain/notifications/Notification.ts"
import type { Notifier, Wake } from "../../src/domain/notifications/Notifier.ts"
import { PhoneDigits } from "../../src/domain/shared/PhoneNumber.ts"
import { eventually } from "./revocationsContract.ts"

type Bus = Notifier["Service"]

/** Collects wakes up to the end of the scope. */
export const wakesOf = Effect.fnUntraced(function* (bus: Bus) {
  const heard: Array<Wake> = []
  yield* bus.wakes.pipe(
    Stream.runForEach((wake) => Effect.sync(() => void heard.push(wake))),
    Effect.forkScoped({ startImmediately: true })
  )
  return heard
})

export const wokenIn = (heard: ReadonlyArray<Wake>) =>
  heard.flatMap((wake) => (wake._tag === "Woken" ? [wake.accountId] : []))

export const someAccounts = (count: number, first = 1) =>
  Array.from({ length: count }, (_, index) => AccountId.make(first + index))

/** Wakes until the other instance hears it: before it has connected, nobody says when it will. */
export const untilHeard = (here: Bus, heard: ReadonlyArray<Wake>, accountId = AccountId.make(999_999)) =>
  eventually(
    "a wake is heard",
    Effect.map(here.wake([accountId]), () => wokenIn(heard).includes(accountId))
  )

/** Every Notifier must pass this. `instances` are two processes on the same bus, or one twice where there is but one. */
export const notifierContract = (name: string, instances: Effect.Effect<readonly [Bus, Bus], never, Scope.Scope>) =>
  describe(`Notifier: ${name}`, () => {
    const connected = Effect.gen(function* () {
      const [here, there] = yield* instances
      yield* untilHeard(here, yield* wakesOf(there))
      yield* untilHeard(there, yield* wakesOf(here))
      return [here, there] as const
    }).pipe(Effect.tap(Effect.sleep("20 millis")))

    it.live("wakes every instance, its own too, within 50 milliseconds", () =>
      Effect.gen(function* () {
        const [here, there] = yield* connected
        const [heardHere, heardThere] = [yield* wakesOf(here), yield* wakesOf(there)]
        const times: Array<number> = []
        for (const accountId of someAccounts(20)) {
          const started = performance.now()
          yield* here.wake([accountId])
          yield* eventually(
            "both have heard",
            () => wokenIn(heardHere).includes(accountId) && wokenIn(heardThere).includes(accountId)
          )
          times.push(performance.now() - started)
        }
        // The machine may have other things to do now and then.
        assert.isBelow(times.sort((one, other) => one - other)[10] ?? Infinity, 50)
      })
    )

    it.live("tells each of several readers of all of several accounts, in order", () =>
      Effect.gen(function* () {
        const [here, there] = yield* connected
        const readers = [yield* wakesOf(there), yield* wakesOf(there)]
        const accounts = someAccounts(200)
        yield* here.wake(accounts.slice(0, 100))
        yield* here.wake(accounts.slice(100))
        yield* here.wake([])
        for (const heard of readers) {
          yield* eventually("all have come", () => wokenIn(heard).length >= accounts.length)
          assert.deepStrictEqual(wokenIn(heard), accounts)
        }
      })
    )

    it.live("tells its own readers what the news are, and wakes the others at least", () =>
      Effect.gen(function* () {
        const [here, there] = yield* connected
        const [heardHere, heardThere] = [yield* wakesOf(here), yield* wakesOf(there)]
        const [to = AccountId.make(1)] = someAccounts(1, 77)
        const at = DateTime.makeUnsafe("2026-11-20T16:42:10.123Z")
        const news = { to, id: NotificationId.make(5), at, phone: PhoneDigits.make("491510000000") }
        yield* here.tell(news)
        yield* eventually("both have heard", () => [heardHere, heardThere].every((heard) => heard.length > 0))
        assert.deepStrictEqual(heardHere, [{ _tag: "Woken", accountId: to, news }])
        assert.deepStrictEqual(wokenIn(heardThere), [to])
      })
    )

    it.live("tells from subscription on", () =>
      Effect.gen(function* () {
        const [here, there] = yield* connected
        const [before = AccountId.make(1), after = AccountId.make(2)] = someAccounts(2)
        yield* here.wake([before])
        yield* Effect.sleep("20 millis")
        const heard = yield* wakesOf(there)
        yield* here.wake([after])
        yield* eventually("it has come", () => wokenIn(heard).length > 0)
        assert.deepStrictEqual(wokenIn(heard), [after])
      })
    )

    it.live("owns up to what a reader missed that did not keep up", () =>
      Effect.gen(function* () {
        const [here, there] = yield* connected
        const open = yield* Deferred.make<void>()
        const heard: Array<Wake> = []
        const reader = yield* there.wakes.pipe(
          Stream.runForEach((wake) => {
            heard.push(wake)
            return Deferred.await(open)
          }),
          Effect.forkScoped({ startImmediately: true })
        )
        yield* here.wake(someAccounts(6000))
        yield* Effect.sleep("200 millis")
        yield* Deferred.succeed(open, undefined)
        yield* eventually("the end is told as missed", () => heard.at(-1)?._tag === "Missed")
        yield* Fiber.interrupt(reader)
      })
    )
  })
