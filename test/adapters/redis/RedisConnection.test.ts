import { spawnSync } from "node:child_process"
import { once } from "node:events"
import { connect, createServer, type Socket } from "node:net"
import type { AddressInfo } from "node:net"
import { inspect } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Duration, Effect, Exit, Layer, Logger, Queue, Redacted, Result, Schedule, Scope } from "effect"
import { Redis } from "effect/persistence"
import { LimitStoreRedis } from "../../../src/adapters/limits/LimitStoreRedis.ts"
import { RateLimitsEffect } from "../../../src/adapters/limits/RateLimitsEffect.ts"
import { RedisConnection } from "../../../src/adapters/redis/RedisConnection.ts"
import { RateLimits } from "../../../src/domain/shared/RateLimits.ts"
import { isCI } from "../../support/ServiceProbe.ts"
import { redisServer } from "./RedisServer.ts"

const installed = spawnSync("redis-server", ["--version"]).status === 0
if (!installed) console.warn("SKIPPED: no redis-server to start")

const captured = () => {
  const lines: Array<string> = []
  return { lines, layer: Logger.layer([Logger.map(Logger.formatJson, (line) => lines.push(line))]) }
}

/** The rate limits of an instance whose Redis may be away, and what it logs. */
const instance = Effect.fnUntraced(function* (url: string) {
  const { layer, lines } = captured()
  const started = performance.now()
  const context = yield* Layer.build(
    RateLimitsEffect({ requestsPerMinute: 1_000_000 }).pipe(
      Layer.provide(LimitStoreRedis()),
      Layer.provideMerge(RedisConnection({ url: Redacted.make(url) })),
      Layer.provideMerge(layer)
    )
  )
  const consume = RateLimits.use((limits) => limits.consume("requests", "a")).pipe(
    Effect.timed,
    Effect.map(([elapsed]) => Duration.toMillis(elapsed)),
    Effect.orDie,
    Effect.provide(context)
  )
  const counted = Redis.Redis.use((redis) =>
    redis.send<string | null>("HGET", "rookery:limit:requests:a", "count")
  ).pipe(Effect.map(Number), Effect.provide(context))
  return { consume, context, counted, lines, startMillis: performance.now() - started }
})

/** Until what is decided is decided by Redis. */
const shared = ({ consume, counted }: Effect.Success<ReturnType<typeof instance>>) =>
  Effect.andThen(consume, counted).pipe(
    Effect.filterOrFail((count) => count > 0),
    Effect.retry(Schedule.spaced("50 millis")),
    Effect.timeout("10 seconds"),
    Effect.orDie
  )

/** The port of a server that leaves its connections to `onSocket`. */
const listen = (onSocket: (socket: Socket) => void) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const sockets = new Set<Socket>()
      const server = createServer((socket) => {
        sockets.add(socket.on("error", () => {}))
        onSocket(socket)
      }).listen(0, "127.0.0.1")
      await once(server, "listening")
      return { server, sockets }
    }),
    ({ server, sockets }) =>
      Effect.sync(() => {
        for (const socket of sockets) socket.destroy()
        server.close()
      })
  ).pipe(Effect.map(({ server }) => (server.address() as AddressInfo).port))

const away = "Redis does not answer"
const back = "Redis answers again"
const events = (lines: ReadonlyArray<string>) =>
  lines.map((line) => (line.includes(away) ? "away" : line.includes(back) ? "back" : line))

describe.skipIf(!installed && !isCI())("RedisConnection", () => {
  it.live("starts at once while Redis is away, decides in memory, and goes over to Redis when it comes", () =>
    Effect.gen(function* () {
      const server = yield* redisServer()
      const one = yield* instance(server.url)
      assert.isBelow(one.startMillis, 1000)
      for (let n = 0; n < 20; n++) yield* one.consume
      assert.deepStrictEqual(events(one.lines), ["away"])
      assert.include(one.lines[0], "ECONNREFUSED")
      yield* server.start
      yield* shared(one)
      assert.deepStrictEqual(events(one.lines), ["away", "back"])
    }).pipe(Effect.scoped)
  )

  it.live("goes on when Redis is killed, and uses it again when it is back", () =>
    Effect.gen(function* () {
      const server = yield* redisServer()
      yield* server.start
      const one = yield* instance(server.url)
      yield* one.consume
      assert.strictEqual(yield* one.counted, 1)
      assert.deepStrictEqual(one.lines, [])
      for (const outages of [1, 2]) {
        yield* server.kill
        for (let n = 0; n < 50; n++) assert.isBelow(yield* one.consume, 500)
        assert.deepStrictEqual(events(one.lines).slice(-1), ["away"])
        yield* server.start
        yield* shared(one)
        assert.deepStrictEqual(events(one.lines), ["away", "back", "away", "back"].slice(0, 2 * outages))
      }
    }).pipe(Effect.scoped)
  )

  it.live("waits for no answer longer than its time limit, and only once in a while", () =>
    Effect.gen(function* () {
      const server = yield* redisServer()
      yield* server.start
      const one = yield* instance(server.url)
      yield* one.consume
      yield* server.freeze
      const first = yield* one.consume
      assert.isAtLeast(first, 240)
      assert.isBelow(first, 1000)
      const began = performance.now()
      for (let n = 0; n < 100; n++) yield* one.consume
      assert.isBelow(performance.now() - began, 240, "nobody else waits")
      assert.deepStrictEqual(events(one.lines), ["away"])
      // Long enough for the frozen connection to be given up for another.
      yield* Effect.sleep("1200 millis")
      yield* one.consume
      yield* server.thaw
      yield* shared(one)
      assert.deepStrictEqual(events(one.lines), ["away", "back"])
    }).pipe(Effect.scoped)
  )

  it.live("gives up a connection that has gone silent, as when the machine of Redis was lost", () =>
    Effect.gen(function* () {
      const server = yield* redisServer()
      yield* server.start
      let silent = new Set<Socket>()
      const open = new Set<Socket>()
      const between = yield* listen((socket) => {
        const redis = connect(server.port, "127.0.0.1")
        for (const [from, to] of [
          [socket, redis],
          [redis, socket]
        ] as const) {
          from.on("error", () => {})
          from.on("data", (data) => silent.has(socket) || to.write(data))
          from.on("close", () => to.destroy())
        }
        open.add(socket)
      })
      const one = yield* instance(`redis://127.0.0.1:${between}`)
      yield* one.consume
      assert.deepStrictEqual(one.lines, [])
      silent = new Set(open)
      yield* one.consume
      assert.deepStrictEqual(events(one.lines), ["away"])
      yield* shared(one)
      assert.deepStrictEqual(events(one.lines), ["away", "back"])
    }).pipe(Effect.scoped)
  )

  it.live("stops without a word where all is well", () =>
    Effect.gen(function* () {
      const server = yield* redisServer()
      yield* server.start
      const scope = yield* Scope.make()
      const one = yield* instance(server.url).pipe(Scope.provide(scope))
      yield* one.consume
      yield* Scope.close(scope, Exit.void)
      yield* server.kill
      yield* Effect.sleep("50 millis")
      assert.deepStrictEqual(one.lines, [])
    }).pipe(Effect.scoped)
  )

  it.live("stops at once while Redis does not answer", () =>
    Effect.gen(function* () {
      const server = yield* redisServer()
      yield* server.start
      const scope = yield* Scope.make()
      const one = yield* instance(server.url).pipe(Scope.provide(scope))
      yield* server.freeze
      yield* one.consume
      const [elapsed] = yield* Effect.timed(Scope.close(scope, Exit.void))
      assert.isBelow(Duration.toMillis(elapsed), 250)
    }).pipe(Effect.scoped)
  )

  it.live("says nothing of its address in logs and errors", () =>
    Effect.gen(function* () {
      const server = yield* redisServer("--requirepass", "right")
      yield* server.start
      const address = server.url.replace("//", "//ada:hunter2@")
      const one = yield* instance(address)
      yield* one.consume
      const error = yield* Effect.flip(one.counted)
      assert.deepStrictEqual(events(one.lines), ["away"])
      assert.notInclude(one.lines.join() + inspect(error, { depth: 10 }), "hunter2")
      const exit = yield* Effect.exit(instance("redis://ada:hunter2@local host:x/1"))
      const shown = Exit.isFailure(exit) ? Cause.pretty(exit.cause) + inspect(exit.cause.reasons, { depth: 10 }) : ""
      assert.include(shown, "The address of Redis can't be read")
      assert.notInclude(shown, "hunter2")
    }).pipe(Effect.scoped)
  )

  it.live("reserves connections and subscribes", () =>
    Effect.gen(function* () {
      const server = yield* redisServer()
      yield* server.start
      const { context } = yield* instance(server.url)
      yield* Effect.gen(function* () {
        const redis = yield* Redis.Redis
        const messages = yield* redis.subscribe("news")
        const reserved = yield* redis.reserve
        yield* reserved.send("PUBLISH", "news", "hello").pipe(
          Effect.filterOrFail((receivers) => receivers === 1),
          Effect.retry(Schedule.spaced("20 millis"))
        )
        assert.deepStrictEqual(yield* Queue.take(messages), { channel: "news", message: "hello" })
        yield* server.kill
        const lost = yield* Effect.result(Queue.take(messages))
        assert.isTrue(Result.isFailure(lost))
      }).pipe(Effect.provide(context))
    }).pipe(Effect.scoped, Effect.timeout("10 seconds"))
  )
})

it.live("starts within a second where something listens that never answers", () =>
  Effect.gen(function* () {
    const port = yield* listen(() => {})
    const one = yield* instance(`redis://127.0.0.1:${port}`)
    assert.isBelow(one.startMillis, 1000)
    assert.isBelow(yield* one.consume, 250)
    assert.deepStrictEqual(events(one.lines), ["away"])
  }).pipe(Effect.scoped)
)
