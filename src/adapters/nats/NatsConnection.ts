import { connect, type ConnectionOptions, type NatsConnection as Core, type Status } from "@nats-io/transport-node"
import { Context, Deferred, Effect, Layer, Option, PubSub, Redacted, Schedule, Schema } from "effect"

export interface NatsOptions {
  /** `nats://[user:password@ | token@]host[:port]`, or `tls://` to insist on TLS. */
  readonly url: Redacted.Redacted<string>
  /** The first part of every subject, and of the stream's name: letters, digits, `-` and `_`. */
  readonly subjectPrefix: string
}

/** A time in which the server could be reached without a break. After a break it is another one. */
export interface LiveConnection {
  readonly core: Core
}

class NatsAway extends Schema.TaggedError<NatsAway>()("NatsAway", { cause: Schema.Defect() }) {}

/** How long the start waits for the server. It goes on without, and the server is used from when it is there. */
const startPatience = "1 second"

const connectionOptions = (redacted: Redacted.Redacted<string>): ConnectionOptions => {
  const { host, password, protocol, username } = new URL(Redacted.value(redacted))
  const [user, pass] = [decodeURIComponent(username), decodeURIComponent(password)]
  return {
    servers: host,
    name: "rookery",
    // A client that gives up is dead for good.
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: 500,
    reconnectJitter: 250,
    timeout: 2000,
    // A server that has fallen silent is missed after 4 to 6 seconds; by default that takes up to 6 minutes.
    pingInterval: 2000,
    maxPingOut: 2,
    noEcho: true,
    ...(protocol === "tls:" ? { tls: {} } : undefined),
    // The client reads no credentials from a URL.
    ...(user === "" ? undefined : pass === "" ? { token: user } : { user, pass })
  }
}

/** One try to connect. Who stops waiting for it leaves nothing behind. */
const open = (options: ConnectionOptions) =>
  Effect.callback<Core, NatsAway>((resume) => {
    let wanted = true
    connect(options).then(
      (core) => (wanted ? resume(Effect.succeed(core)) : void core.close()),
      (cause) => resume(Effect.fail(new NatsAway({ cause })))
    )
    return Effect.sync(() => {
      wanted = false
    })
  })

/** The one connection to NATS. It is made in the background and made again for as long as its scope lasts. */
export class NatsConnection extends Context.Service<
  NatsConnection,
  {
    readonly subjectPrefix: string
    /** None while the server cannot be reached. */
    readonly live: Effect.Effect<Option.Option<LiveConnection>>
    /** Runs `use` each time the server can be reached, and interrupts it when that is over. Never returns. */
    whileLive(use: (connection: LiveConnection) => Effect.Effect<void>): Effect.Effect<never>
  }
>()("rookery/adapters/nats/NatsConnection") {
  static readonly layer = (options: NatsOptions) =>
    Layer.effect(
      NatsConnection,
      Effect.gen(function* () {
        const changes = yield* PubSub.unbounded<void>()
        const attempted = yield* Deferred.make<void>()
        const run = Effect.runForkWith(yield* Effect.context())
        let live: LiveConnection | undefined
        let toldAway = false

        const come = (core: Core) => {
          live = { core }
          toldAway = false
          PubSub.publishUnsafe(changes, undefined)
          run(Effect.logInfo("NATS is connected"))
        }
        const go = (reason: string) => {
          live = undefined
          PubSub.publishUnsafe(changes, undefined)
          if (!toldAway) run(Effect.logWarning(`NATS is away, trying until it is back: ${reason}`))
          toldAway = true
        }
        const onStatus = (core: Core, status: Status) => {
          if (status.type === "reconnect") come(core)
          if (status.type === "disconnect") go("the connection was lost")
          if (status.type === "error") run(Effect.logWarning(`NATS reports an error: ${status.error.message}`))
        }
        const watch = async (core: Core) => {
          for await (const status of core.status()) onStatus(core, status)
        }

        const connection = open(connectionOptions(options.url)).pipe(
          Effect.tapError(({ cause }) => {
            go(cause instanceof Error ? cause.message : String(cause))
            return Deferred.succeed(attempted, undefined)
          }),
          Effect.retry(Schedule.jittered(Schedule.spaced("500 millis")))
        )
        yield* Effect.gen(function* () {
          const core = yield* Effect.acquireRelease(connection, (core) => Effect.promise(() => core.close()), {
            interruptible: true
          })
          come(core)
          yield* Deferred.succeed(attempted, undefined)
          yield* Effect.promise(() => Promise.race([core.closed(), watch(core)]))
          go("the connection was closed")
        }).pipe(
          Effect.scoped,
          // It closes by itself only where the client finds no way to go on: begin anew.
          Effect.forever,
          Effect.orDie,
          Effect.forkScoped
        )
        yield* Effect.timeoutOption(Deferred.await(attempted), startPatience)

        const whileLive = (use: (connection: LiveConnection) => Effect.Effect<void>) =>
          Effect.scoped(
            Effect.flatMap(PubSub.subscribe(changes), (changed) =>
              Effect.suspend(() => (live === undefined ? Effect.void : use(live))).pipe(
                Effect.catchDefect((defect) => Effect.logError("NATS could not be used", defect)),
                Effect.andThen(Effect.never),
                Effect.raceFirst(PubSub.take(changed)),
                Effect.forever
              )
            )
          )

        return NatsConnection.of({
          subjectPrefix: options.subjectPrefix,
          live: Effect.sync(() => Option.fromUndefinedOr(live)),
          whileLive
        })
      })
    )
}
