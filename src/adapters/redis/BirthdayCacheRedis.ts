import { Clock, Duration, Effect, Latch, Layer, Option, Schema } from "effect"
import { Redis } from "effect/persistence"
import { randomUUID } from "node:crypto"
import type { AccountId } from "../../domain/accounts/Account.ts"
import { BirthdayCache, keptFor, mostKept } from "../../domain/contacts/BirthdayCache.ts"
import { UpcomingBirthday } from "../../domain/contacts/UpcomingBirthday.ts"
import { type Change, UntoldChanges } from "./UntoldChanges.ts"

const lifetime = Duration.toMillis(keptFor)

/** Accounts whose changes are remembered until Redis is back; some 10 MB. */
const mostUntold = 100_000

/** How long Redis is left alone after it could not be told, and how many changes it is told of at once. */
const retryAfter = Duration.seconds(1)
const batch = 500

/**
 * One hash for each account: what was found for each day, and the `generation` that it belongs to. Both go with a change,
 * and no generation comes twice, so that what was being found meanwhile is not kept: not even where Redis itself has
 * dropped the hash, or lost all it had. The hash lives as long as the first thing in it may.
 */
const lookupScript = Redis.script((key: string, day: string, generation: string) => [key, day, generation, lifetime], {
  numberOfKeys: 1,
  lua: `
local kept = redis.call("HMGET", KEYS[1], "generation", ARGV[1])
if kept[1] then
  return { kept[1], kept[2] or "" }
end
redis.call("HSET", KEYS[1], "generation", ARGV[2])
redis.call("PEXPIRE", KEYS[1], ARGV[3])
return { ARGV[2], "" }
`
}).withReturnType<readonly [generation: string, kept: string]>()

const keepScript = Redis.script(
  (key: string, generation: string, day: string, found: string) => [key, generation, day, found],
  {
    numberOfKeys: 1,
    lua: `
if redis.call("HGET", KEYS[1], "generation") == ARGV[1] then
  redis.call("HSET", KEYS[1], ARGV[2], ARGV[3])
end
`
  }
)

const Found = Schema.fromJsonString(Schema.Array(UpcomingBirthday))
const encodeFound = Schema.encodeSync(Found)
const decodeFound = Schema.decodeOption(Found)

export interface BirthdayCacheRedisOptions {
  /** Of the keys. */
  readonly prefix?: string
}

/**
 * For all instances together. While Redis is away each finds out for itself. A change that it could not be told of is
 * told as soon as it is back; until then this instance asks it nothing about that account.
 */
export const BirthdayCacheRedis = ({ prefix = "rookery:birthdays:" }: BirthdayCacheRedisOptions = {}) =>
  Layer.effect(
    BirthdayCache,
    Effect.gen(function* () {
      const redis = yield* Redis.Redis
      const lookUp = redis.eval(lookupScript)
      const keep = redis.eval(keepScript)
      const untold = new UntoldChanges(mostUntold, lifetime)
      const somethingUntold = yield* Latch.make()

      const keyOf = (owner: AccountId) => `${prefix}${owner}`

      const tell = (changes: ReadonlyArray<Change>) =>
        redis.send("DEL", ...changes.map((change) => keyOf(change.owner))).pipe(
          Effect.map(() => {
            for (const change of changes) untold.told(change)
          }),
          Effect.onError(() => somethingUntold.open),
          Effect.ignore
        )

      const tellAgain = Effect.gen(function* () {
        yield* somethingUntold.await
        yield* Effect.sleep(retryAfter)
        // Before it looks: whatever can't be told from now on opens it again.
        yield* somethingUntold.close
        const changes = untold.take(batch, yield* Clock.currentTimeMillis)
        if (changes.length > 0) yield* tell(changes)
        if (changes.length === batch) yield* somethingUntold.open
      })
      yield* Effect.forkScoped(Effect.forever(tellAgain))

      return BirthdayCache.of({
        lookup: Effect.fnUntraced(function* (owner, day, find) {
          if (untold.has(owner, yield* Clock.currentTimeMillis)) return yield* find
          const answer = yield* Effect.option(lookUp(keyOf(owner), day, randomUUID()))
          if (Option.isNone(answer)) return yield* find
          const [generation, kept] = answer.value
          const known = decodeFound(kept)
          if (Option.isSome(known)) return known.value
          const people = yield* find
          if (people.length <= mostKept) yield* Effect.ignore(keep(keyOf(owner), generation, day, encodeFound(people)))
          return people
        }),
        // Untold from the start: while Redis is being told, nobody here asks it.
        forget: Effect.fnUntraced(function* (owner) {
          yield* tell([untold.add(owner, yield* Clock.currentTimeMillis)])
        })
      })
    })
  )
