import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Layer, Redacted, Schedule, type Scope } from "effect"
import { Redis } from "effect/persistence"
import { spawnSync } from "node:child_process"
import { randomUUID } from "node:crypto"
import { BirthdayCacheRedis } from "../../../src/adapters/redis/BirthdayCacheRedis.ts"
import { RedisConnection } from "../../../src/adapters/redis/RedisConnection.ts"
import { UntoldChanges } from "../../../src/adapters/redis/UntoldChanges.ts"
import { AccountId } from "../../../src/domain/accounts/Account.ts"
import { BirthdayCache } from "../../../src/domain/contacts/BirthdayCache.ts"
import {
  ada,
  birthdayCacheContract,
  finding,
  grace,
  person,
  today,
  tomorrow
} from "../../contracts/birthdayCacheContract.ts"
import { tcpProxy } from "../../e2e/TcpProxy.ts"
import { describeWith, redisUrl } from "../../support/Services.ts"
import { isCI } from "../../support/ServiceProbe.ts"
import { redisServer } from "./RedisServer.ts"

const hour = 3_600_000

/** One process, with a connection of its own. */
const instance = Effect.fnUntraced(function* (url: string, prefix?: string) {
  const context = yield* Layer.build(
    Layer.fresh(
      BirthdayCacheRedis(prefix === undefined ? {} : { prefix }).pipe(
        Layer.provideMerge(RedisConnection({ url: Redacted.make(url) }))
      )
    )
  )
  const { cache, redis } = yield* Effect.all({ cache: BirthdayCache, redis: Redis.Redis }).pipe(Effect.provide(context))
  return { ...cache, redis }
})

/** Two processes on a prefix of their own, of which nothing stays behind. */
const inRedis = Effect.gen(function* () {
  const prefix = `rookery:test:${randomUUID()}:`
  const here = yield* instance(redisUrl ?? "", prefix)
  const there = yield* instance(redisUrl ?? "", prefix)
  yield* Effect.addFinalizer(() =>
    Effect.orDie(here.redis.send("DEL", ...[1, 2, 3].map((owner) => `${prefix}${owner}`)))
  )
  return { prefix, here, there }
})

describeWith(redisUrl)("BirthdayCacheRedis", () => {
  birthdayCacheContract(
    "redis",
    Effect.map(inRedis, ({ here, there }) => [here, there] as const)
  )

  it.live("has one key for each account, which lasts an hour from what was found first", () =>
    Effect.gen(function* () {
      const { here, prefix } = yield* inRedis
      const key = `${prefix}${ada}`
      const lifetime = here.redis.send<number>("PTTL", key)
      yield* here.lookup(ada, today, Effect.succeed([person(1)]))
      assert.isAtMost(yield* lifetime, hour)
      assert.isAtLeast(yield* lifetime, hour - 10_000)
      yield* here.redis.send("PEXPIRE", key, "1000")
      yield* here.lookup(ada, today, Effect.succeed([person(1)]))
      yield* here.lookup(ada, tomorrow, Effect.succeed([person(1)]))
      assert.isAtMost(yield* lifetime, 1000, "nothing is kept longer than the first thing may be")
      assert.sameMembers(yield* here.redis.send<Array<string>>("HKEYS", key), ["generation", today, tomorrow])
      assert.deepStrictEqual(yield* here.redis.send("KEYS", `${prefix}*`), [key])
      yield* here.forget(ada)
      assert.deepStrictEqual(yield* here.redis.send("KEYS", `${prefix}*`), [])
    }).pipe(Effect.scoped)
  )

  it.live("keeps nothing that was being found while Redis lost what it had", () =>
    Effect.gen(function* () {
      const { here, prefix, there } = yield* inRedis
      const lose = here.redis.send("DEL", `${prefix}${ada}`)
      const old = Effect.orDie(Effect.as(lose, [person(1, "Old")]))
      assert.deepStrictEqual(yield* here.lookup(ada, today, old), [person(1, "Old")])
      // Others have asked since: there is a generation again, and it is another.
      yield* here.lookup(ada, today, Effect.andThen(old, there.lookup(ada, tomorrow, Effect.succeed([]))))
      assert.deepStrictEqual(yield* there.lookup(ada, today, Effect.succeed([])), [])
    }).pipe(Effect.scoped)
  )

  it.live("finds anew what it can't read", () =>
    Effect.gen(function* () {
      const { here, prefix } = yield* inRedis
      const search = finding([person(1)])
      for (const [times, unreadable] of ["{", "[]x", '[{"id":"1"}]', "null"].entries()) {
        yield* here.lookup(ada, today, search.find)
        yield* here.redis.send("HSET", `${prefix}${ada}`, today, unreadable)
        assert.deepStrictEqual(yield* here.lookup(ada, today, search.find), [person(1)])
        assert.strictEqual(search.times, times + 2)
      }
    }).pipe(Effect.scoped)
  )
})

const installed = spawnSync("redis-server", ["--version"]).status === 0
if (!installed) console.warn("SKIPPED: no redis-server to start")

const found = (cache: BirthdayCache["Service"], owner = ada) =>
  Effect.map(cache.lookup(owner, today, Effect.succeed([person(1, "New")])), ([first]) => first?.firstName)

const stillNew = (cache: BirthdayCache["Service"]) =>
  Effect.map(found(cache), (name) => assert.strictEqual(name, "New"))

const until = <A>(wanted: A, effect: Effect.Effect<A>) =>
  effect.pipe(
    Effect.filterOrFail((actual) => actual === wanted),
    Effect.retry(Schedule.spaced("50 millis")),
    Effect.timeout("10 seconds"),
    Effect.orDie
  )

const whileAway = (
  behaviour: string,
  body: (server: Effect.Success<ReturnType<typeof redisServer>>) => Effect.Effect<void, unknown, Scope.Scope>
) => it.live(behaviour, () => Effect.scoped(Effect.flatMap(redisServer(), body)))

describe.skipIf(!installed && !isCI())("BirthdayCacheRedis, while Redis is away", () => {
  whileAway("finds each time, and keeps again when it is back", (server) =>
    Effect.gen(function* () {
      const cache = yield* instance(server.url)
      const search = finding([person(1)])
      for (const _ of [1, 2]) assert.deepStrictEqual(yield* cache.lookup(ada, today, search.find), [person(1)])
      assert.strictEqual(search.times, 2)
      yield* server.start
      const isKept = Effect.suspend(() => {
        const before = search.times
        return Effect.map(cache.lookup(ada, today, search.find), () => search.times === before)
      })
      yield* until(true, isKept)
    })
  )

  whileAway("makes nobody wait for it who changes something", (server) =>
    Effect.gen(function* () {
      yield* server.start
      const cache = yield* instance(server.url)
      yield* server.freeze
      const [elapsed] = yield* Effect.timed(cache.forget(ada))
      assert.isBelow(Duration.toMillis(elapsed), 1000)
    })
  )

  whileAway("remembers what it could not be told of, and asks it nothing about that account till then", (server) =>
    Effect.gen(function* () {
      yield* server.start
      const between = yield* tcpProxy({ host: "127.0.0.1", port: server.port })
      const here = yield* instance(`redis://127.0.0.1:${between.port}`)
      const there = yield* instance(server.url)
      const old = Effect.succeed([person(1, "Old")])
      for (const owner of [ada, grace]) yield* here.lookup(owner, today, old)
      between.cut()
      yield* here.forget(ada)
      yield* here.forget(ada)
      assert.strictEqual(yield* found(there), "Old", "nobody could tell it")
      between.mend()
      yield* until("Old", Effect.andThen(stillNew(here), found(here, grace)))
      yield* until("New", Effect.andThen(stillNew(here), found(there)))
      const kept = Effect.map(here.lookup(ada, today, old), ([first]) => first?.firstName)
      yield* until("New", kept)
    })
  )

  whileAway("tells of many changes at once, and of more", (server) =>
    Effect.gen(function* () {
      yield* server.start
      const between = yield* tcpProxy({ host: "127.0.0.1", port: server.port })
      const here = yield* instance(`redis://127.0.0.1:${between.port}`)
      const there = yield* instance(server.url)
      const owners = Array.from({ length: 1200 }, (_, index) => AccountId.make(index + 1))
      yield* Effect.forEach(owners, (owner) => there.lookup(owner, today, Effect.succeed([])), { concurrency: 50 })
      between.cut()
      yield* Effect.forEach(owners, here.forget, { discard: true })
      const keys = there.redis.send<ReadonlyArray<string>>("KEYS", "rookery:birthdays:*")
      const left = Effect.orDie(Effect.map(keys, (all) => all.length))
      assert.strictEqual(yield* left, 1200)
      between.mend()
      yield* until(0, left)
    })
  )
})

describe("UntoldChanges", () => {
  const [one, two, three] = [ada, grace, AccountId.make(3)]

  it("has the latest change of each account, until that one was told", () => {
    const untold = new UntoldChanges(10, 1000)
    const [first, second] = [untold.add(one, 0), untold.add(one, 1)]
    assert.isTrue(untold.has(one, 0))
    assert.isFalse(untold.has(two, 0))
    untold.told(first)
    assert.isTrue(untold.has(one, 0), "there was a later one")
    assert.deepStrictEqual(untold.take(10, 0), [second])
    untold.told(second)
    assert.isFalse(untold.has(one, 0))
    assert.deepStrictEqual(untold.take(10, 0), [])
  })

  it("gives up what is settled", () => {
    const untold = new UntoldChanges(10, 1000)
    untold.add(one, 0)
    const later = untold.add(two, 500)
    assert.deepStrictEqual(untold.take(1, 1000), [later])
    assert.isFalse(untold.has(one, 1000))
  })

  it("takes everybody for changed where there are too many, until all that is settled", () => {
    const untold = new UntoldChanges(2, 1000)
    untold.add(one, 0)
    untold.add(two, 0)
    assert.isFalse(untold.has(three, 0))
    untold.add(three, 10)
    assert.isTrue(untold.has(AccountId.make(4), 1009))
    assert.isFalse(untold.has(AccountId.make(4), 1010))
    assert.lengthOf(untold.take(10, 0), 2)
  })
})
