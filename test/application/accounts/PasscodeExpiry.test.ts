import { assert, describe } from "@effect/vitest"
import { Context, DateTime, Effect, HashMap, Layer, Logger } from "effect"
import { TestClock } from "effect/testing"
import { MemoryWorld } from "../../../src/adapters/memory/MemoryWorld.ts"
import { PasscodeExpiry } from "../../../src/application/accounts/PasscodeExpiry.ts"
import { PasscodeRepository } from "../../../src/domain/accounts/PasscodeRepository.ts"
import type { PhoneDigits } from "../../../src/domain/shared/PhoneNumber.ts"
import { MemoryPorts } from "../../../src/RookeryMemory.ts"
import { testOn } from "../RookeryTest.ts"
import { adasPhone, bobsPhone } from "./PhoneWorld.ts"

/** Whether the database answers. */
class Away extends Context.Service<Away, { away: boolean }>()("test/Away") {}

const ports = Layer.effect(
  PasscodeRepository,
  Effect.gen(function* () {
    const [passcodes, state] = [yield* PasscodeRepository, yield* Away]
    return PasscodeRepository.of({
      ...passcodes,
      deleteUnusedSince: (before) =>
        Effect.suspend(() => (state.away ? Effect.die("away") : passcodes.deleteUnusedSince(before)))
    })
  })
).pipe(Layer.provideMerge(MemoryPorts), Layer.provideMerge(Layer.sync(Away, () => ({ away: false }))))
const test = testOn(ports)

const told: Array<string> = []
const Told = Logger.layer([Logger.make(({ message }) => void told.push(String(message)))])
const start = Layer.build(Layer.fresh(PasscodeExpiry).pipe(Layer.provide(Told)))

const touch = (phone: PhoneDigits) =>
  Effect.flatMap(DateTime.now, (now) => PasscodeRepository.use((passcodes) => passcodes.lock(phone, now)))
const numbers = MemoryWorld.use((world) => world.read(({ passcodes }) => [...HashMap.keys(passcodes)].toSorted()))

describe("PasscodeExpiry", () => {
  test(
    "forgets numbers that nothing happened to for two days",
    Effect.gen(function* () {
      yield* start
      yield* touch(adasPhone)
      yield* TestClock.adjust("24 hours")
      yield* touch(bobsPhone)
      yield* TestClock.adjust("24 hours")
      assert.deepStrictEqual(yield* numbers, [bobsPhone, adasPhone].toSorted())
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(yield* numbers, [bobsPhone])
      yield* TestClock.adjust("24 hours")
      assert.deepStrictEqual(yield* numbers, [])
    })
  )

  test(
    "goes on after the database was away",
    Effect.gen(function* () {
      const state = yield* Away
      yield* touch(adasPhone)
      state.away = true
      yield* start
      yield* TestClock.adjust("50 hours")
      assert.deepStrictEqual(yield* numbers, [adasPhone])
      state.away = false
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(yield* numbers, [])
      assert.deepStrictEqual(
        told.map((line) => line.split(",")[0]),
        ["The database of passcodes is away", "The database of passcodes is back"]
      )
    })
  )
})
