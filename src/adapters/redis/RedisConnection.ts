import { Cause, Clock, Deferred, Duration, Effect, Layer, type Redacted } from "effect"
import { Redis } from "effect/persistence"
import { type Client, connectOwn, newClient, sendOn, subscribeOn } from "./RedisClients.ts"
import { RedisOutage } from "./RedisOutage.ts"

export interface RedisOptions {
  /** `redis[s]://[[user][:password]@]host[:port][/database]`. Never logged. */
  readonly url: Redacted.Redacted<string>
}

/** For an answer. Whoever asks has something to fall back on. */
const patience = Duration.millis(250)

/** For the first connection. The start goes on without it, and it is made as soon as it can be. */
const patienceAtStart = Duration.millis(500)

/** In milliseconds. */
const longestReconnectDelay = 1000

/**
 * Effect's Redis service, for a Redis that may be away: the start neither waits for it nor fails without it, commands
 * fail at once while it is away, and after 250 ms where it does not answer. (Effect's own NodeRedis wants it there at
 * start, has no time limits, and waits at shutdown for answers that may never come.)
 */
export const RedisConnection = ({ url }: RedisOptions) =>
  Layer.effect(
    Redis.Redis,
    Effect.gen(function* () {
      const clock = yield* Clock.Clock
      const run = Effect.runSyncWith(yield* Effect.context())
      const outage = new RedisOutage()
      const settled = yield* Deferred.make<void>()

      const began = (cause: unknown) => outage.began(clock.currentTimeMillisUnsafe(), cause)
      const ended = Effect.suspend(() => outage.ended(clock.currentTimeMillisUnsafe()))
      const open = (): Client => {
        const client = newClient(url, (retries) => Math.min(50 * 2 ** retries, longestReconnectDelay))
        client.on("error", (cause) => {
          run(began(cause))
          Deferred.doneUnsafe(settled, Effect.void)
        })
        client.on("ready", () => {
          run(ended)
          Deferred.doneUnsafe(settled, Effect.void)
        })
        // Its failures are events as well.
        client.connect().catch(() => {})
        return client
      }
      let client = open()
      yield* Effect.addFinalizer(() => Effect.sync(() => client.destroy()))

      const failed = (cause: unknown) => {
        // A server that went away without a word is missed by nobody else for a quarter of an hour.
        if (outage.lasts && client.isReady && Cause.isTimeoutError(cause)) {
          client.destroy()
          client = open()
        }
        return began(cause)
      }

      const send = <A = unknown>(command: string, ...args: ReadonlyArray<string>): Effect.Effect<A, Redis.RedisError> =>
        Effect.suspend(() => {
          if (!outage.mayAsk(clock.currentTimeMillisUnsafe()))
            return Effect.fail(new Redis.RedisError({ cause: "away" }))
          return sendOn(client)<A>(command, ...args).pipe(
            Effect.timeoutOrElse({ duration: patience, orElse: () => Effect.fail(timedOut()) }),
            Effect.tap(ended),
            Effect.tapError((error) => (isAnswer(error.cause) ? ended : failed(error.cause)))
          )
        })

      yield* Effect.timeoutOption(Deferred.await(settled), patienceAtStart)
      return yield* Redis.make({ send, connect: connectOwn(url), subscribe: subscribeOn(url) })
    })
  )

const timedOut = () => new Redis.RedisError({ cause: new Cause.TimeoutError("No answer within 250 ms") })

/** Scripts are asked for by their hash first. */
const isAnswer = (cause: unknown) => cause instanceof Error && cause.message.startsWith("NOSCRIPT")
