import { DateTime, Effect, HashMap, Layer, Option, Result } from "effect"
import { PasscodeRepository } from "../../domain/accounts/PasscodeRepository.ts"
import type { PhoneDigits } from "../../domain/shared/PhoneNumber.ts"
import { MemoryWorld } from "./MemoryWorld.ts"
import type { PasscodeRow, World } from "./World.ts"

const rowOf = (world: World, phone: PhoneDigits, now: DateTime.Utc): PasscodeRow =>
  Option.getOrElse(HashMap.get(world.passcodes, phone), (): PasscodeRow => ({
    request: null,
    code: null,
    wrongTries: [],
    usedAt: now
  }))

const withRow = (world: World, phone: PhoneDigits, row: PasscodeRow): World => ({
  ...world,
  passcodes: HashMap.set(world.passcodes, phone, row)
})

export const PasscodeRepositoryMemory = Layer.effect(
  PasscodeRepository,
  Effect.gen(function* () {
    const world = yield* MemoryWorld

    return PasscodeRepository.of({
      request: (phone, request, now) =>
        world.change((before) => {
          const row = { ...rowOf(before, phone, now), request, code: null, usedAt: now }
          return Result.succeed([undefined, withRow(before, phone, row)])
        }),

      issue: (phone, id, code, now) =>
        world.change((before) => {
          const row = rowOf(before, phone, now)
          const { request } = row
          if (request?.id !== id || !DateTime.isGreaterThan(request.owedUntil, now)) {
            return Result.succeed([false, before])
          }
          const issued = { ...code, purpose: request.purpose }
          return Result.succeed([true, withRow(before, phone, { ...row, code: issued, usedAt: now })])
        }),

      // Transactions run one after the other here: within one nobody else is there to be kept out.
      lock: (phone, now) =>
        world.change((before) => {
          const row = { ...rowOf(before, phone, now), usedAt: now }
          return Result.succeed([{ code: row.code, wrongTries: row.wrongTries }, withRow(before, phone, row)])
        }),

      addWrongTry: (phone, now, since) =>
        world.change((before) => {
          const row = rowOf(before, phone, now)
          const counted = row.wrongTries.filter((at) => DateTime.isGreaterThan(at, since))
          return Result.succeed([
            undefined,
            withRow(before, phone, { ...row, wrongTries: [...counted, now], usedAt: now })
          ])
        }),

      use: (phone) =>
        world.change((before, now) => {
          const row = { ...rowOf(before, phone, now), request: null, code: null, wrongTries: [] }
          return Result.succeed([undefined, withRow(before, phone, row)])
        }),

      deleteUnusedSince: (before) =>
        world.change((world) => {
          const passcodes = HashMap.filter(world.passcodes, ({ usedAt }) => !DateTime.isLessThan(usedAt, before))
          return Result.succeed([undefined, { ...world, passcodes }])
        })
    })
  })
)
