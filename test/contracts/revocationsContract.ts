import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, type Scope, Stream } from "effect"
import { randomUUID } from "node:crypto"
import type { Revocation, Revocations } from "../../src/domain/accounts/Revocations.ts"
import { SessionId } from "../../src/domain/accounts/Session.ts"

type Bus = Revocations["Service"]

export const newSessionId = () => SessionId.make(randomUUID())

/** Collects changes up to the end of the scope. */
export const listening = Effect.fnUntraced(function* (bus: Bus) {
  const heard: Array<Revocation> = []
  yield* bus.changes.pipe(
    Stream.runForEach((change) => Effect.sync(() => void heard.push(change))),
    Effect.forkScoped({ startImmediately: true })
  )
  return heard
})

export const endedIn = (heard: ReadonlyArray<Revocation>) =>
  heard.flatMap((change) => (change._tag === "Ended" ? [change.sessionId] : []))

/** Waits, for real, until what another process has to bring about has come about. */
export const eventually = (what: string, condition: Effect.Effect<boolean> | (() => boolean)) =>
  Effect.gen(function* () {
    while (!(typeof condition === "function" ? condition() : yield* condition)) yield* Effect.sleep("5 millis")
  }).pipe(Effect.timeoutOrElse({ duration: "15 seconds", orElse: () => Effect.die(new Error(`never: ${what}`)) }))

/** Every Revocations must pass this. `instances` are two processes on the same bus, or one twice where there is but one. */
export const revocationsContract = (name: string, instances: Effect.Effect<readonly [Bus, Bus], never, Scope.Scope>) =>
  describe(`Revocations: ${name}`, () => {
    const connected = Effect.gen(function* () {
      const [here, there] = yield* instances
      yield* eventually("both are connected", here.connected)
      yield* eventually("both are connected", there.connected)
      return [here, there] as const
    })

    it.live("tells every instance of a session that ended, its own too", () =>
      Effect.gen(function* () {
        const [here, there] = yield* connected
        const [heardHere, heardThere] = [yield* listening(here), yield* listening(there)]
        const id = newSessionId()
        yield* here.announce(id)
        yield* eventually("both have heard", () => endedIn(heardHere).includes(id) && endedIn(heardThere).includes(id))
      })
    )

    it.live("tells each of several readers everything, in order", () =>
      Effect.gen(function* () {
        const [here, there] = yield* connected
        const readers = [yield* listening(there), yield* listening(there)]
        const ids = Array.from({ length: 200 }, newSessionId)
        yield* Effect.forEach(ids, here.announce, { discard: true })
        for (const heard of readers) {
          yield* eventually("all have come", () => endedIn(heard).length >= ids.length)
          assert.deepStrictEqual(endedIn(heard), ids)
        }
      })
    )

    it.live("tells from subscription on", () =>
      Effect.gen(function* () {
        const [here, there] = yield* connected
        yield* here.announce(newSessionId())
        yield* Effect.sleep("20 millis")
        const heard = yield* listening(there)
        const id = newSessionId()
        yield* here.announce(id)
        yield* eventually("it has come", () => endedIn(heard).length > 0)
        assert.deepStrictEqual(endedIn(heard), [id])
      })
    )

    it.live("owns up to what a reader missed that did not keep up", () =>
      Effect.gen(function* () {
        const [here, there] = yield* connected
        const open = yield* Deferred.make<void>()
        const heard: Array<Revocation> = []
        const reader = yield* there.changes.pipe(
          Stream.runForEach((change) => {
            heard.push(change)
            return Deferred.await(open)
          }),
          Effect.forkScoped({ startImmediately: true })
        )
        yield* Effect.forEach(Array.from({ length: 6000 }, newSessionId), here.announce, {
          concurrency: 100,
          discard: true
        })
        yield* Effect.sleep("200 millis")
        yield* Deferred.succeed(open, undefined)
        yield* eventually("the end is told as missed", () => heard.at(-1)?._tag === "Missed")
        yield* Fiber.interrupt(reader)
      })
    )
  })
