import { DateTime, Effect, HashMap, Layer, Option, Result } from "effect"
import { AccountNotFound } from "../../domain/accounts/Account.ts"
import {
  IdempotencyKeys,
  type KeptResponse,
  type KeyedRequest,
  KeyInUse,
  KeyLost,
  keyRetention,
  KeyReused
} from "../../domain/shared/IdempotencyKeys.ts"
import { type Change, MemoryWorld } from "./MemoryWorld.ts"
import type { IdempotencyKeyRow, World } from "./World.ts"

/** No key has a line break in it. */
const idOf = ({ key, owner }: KeyedRequest) => `${owner}\n${key}`

const find = (world: World, request: KeyedRequest) => HashMap.get(world.idempotencyKeys, idOf(request))

const held = (world: World, request: KeyedRequest, holder: string) =>
  Option.filter(find(world, request), (row) => row.holder === holder)

const withRow = (world: World, request: KeyedRequest, row: IdempotencyKeyRow): World => ({
  ...world,
  idempotencyKeys: HashMap.set(world.idempotencyKeys, idOf(request), row)
})

const sameBytes = (one: Uint8Array, other: Uint8Array) =>
  one.length === other.length && one.every((byte, index) => byte === other[index])

const isFree = ({ createdAt, heldUntil, response }: IdempotencyKeyRow, now: DateTime.Utc) =>
  DateTime.isLessThanOrEqualTo(createdAt, DateTime.subtractDuration(now, keyRetention)) ||
  (response === null && DateTime.isLessThanOrEqualTo(heldUntil, now))

export const IdempotencyKeysMemory = Layer.effect(
  IdempotencyKeys,
  Effect.gen(function* () {
    const world = yield* MemoryWorld

    return IdempotencyKeys.of({
      begin: (request, holder, lease, now) =>
        world.change((before): Change<KeptResponse | undefined, KeyInUse | KeyReused | AccountNotFound> => {
          const { fingerprint, owner } = request
          if (!HashMap.has(before.accounts, owner)) return Result.fail(new AccountNotFound({ id: owner }))
          const kept = Option.filter(find(before, request), (row) => !isFree(row, now))
          if (Option.isNone(kept)) {
            const heldUntil = DateTime.addDuration(now, lease)
            const row = { owner, fingerprint, holder, heldUntil, response: null, createdAt: now }
            return Result.succeed([undefined, withRow(before, request, row)])
          }
          if (!sameBytes(kept.value.fingerprint, fingerprint)) return Result.fail(new KeyReused())
          const { heldUntil, response } = kept.value
          return response === null ? Result.fail(new KeyInUse({ heldUntil })) : Result.succeed([response, before])
        }),

      complete: (request, holder, response) =>
        world.change((before) =>
          held(before, request, holder).pipe(
            Result.fromOption(() => new KeyLost()),
            Result.map((row) => [undefined, withRow(before, request, { ...row, holder: null, response })])
          )
        ),

      abandon: (request, holder) =>
        world.change((before) => {
          const idempotencyKeys = Option.isSome(held(before, request, holder))
            ? HashMap.remove(before.idempotencyKeys, idOf(request))
            : before.idempotencyKeys
          return Result.succeed([undefined, { ...before, idempotencyKeys }])
        }),

      deleteCreatedBefore: (moment) =>
        world.change((before) => {
          const idempotencyKeys = HashMap.filter(before.idempotencyKeys, (row) =>
            DateTime.isGreaterThanOrEqualTo(row.createdAt, moment)
          )
          return Result.succeed([undefined, { ...before, idempotencyKeys }])
        })
    })
  })
)
