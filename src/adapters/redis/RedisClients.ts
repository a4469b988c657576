import { Deferred, Effect, Redacted } from "effect"
import { Redis } from "effect/persistence"
import { createClient } from "redis"

export type Client = ReturnType<typeof createClient>

/** In milliseconds. */
const connectTimeout = 2000

/** Of commands that wait for an answer. */
const queueLength = 10_000

/** Not connected yet. Commands fail while it is not. */
export const newClient = (
  url: Redacted.Redacted<string>,
  reconnectStrategy: false | ((retries: number) => number)
): Client => {
  try {
    return createClient({
      url: Redacted.value(url),
      disableOfflineQueue: true,
      commandsQueueMaxLength: queueLength,
      socket: { connectTimeout, reconnectStrategy }
    })
  } catch {
    // What it throws quotes the address, password and all.
    throw new Error("The address of Redis can't be read")
  }
}

const failed = (cause: unknown) => new Redis.RedisError({ cause })

export const sendOn =
  (client: Client) =>
  <A = unknown>(command: string, ...args: ReadonlyArray<string>): Effect.Effect<A, Redis.RedisError> =>
    Effect.tryPromise({ try: () => client.sendCommand([command, ...args]) as Promise<A>, catch: failed })

/** A client of one's own that is not connected again once it has been lost. */
const connected = async (url: Redacted.Redacted<string>, onLost: (cause: unknown) => void): Promise<Client> => {
  const client = newClient(url, false)
  client.on("error", onLost)
  await client.connect()
  return client
}

/** For commands that block. */
export const connectOwn = (url: Redacted.Redacted<string>) =>
  Effect.tryPromise({ try: () => connected(url, () => {}), catch: failed }).pipe(
    Effect.map((client) => ({ send: sendOn(client), close: Effect.sync(() => client.destroy()) }))
  )

/** Until the connection is lost: whoever listens has to know what was missed. */
export const subscribeOn = (url: Redacted.Redacted<string>) =>
  Effect.fnUntraced(function* (channel: string, onMessage: (message: Redis.RedisMessage) => void) {
    const lost = yield* Deferred.make<void, Redis.RedisError>()
    const client = yield* Effect.acquireRelease(
      Effect.tryPromise({
        try: () => connected(url, (cause) => Deferred.doneUnsafe(lost, Effect.fail(failed(cause)))),
        catch: failed
      }),
      (client) => Effect.sync(() => client.destroy())
    )
    yield* Effect.tryPromise({
      try: () => client.subscribe(channel, (message, channel) => onMessage({ channel, message })),
      catch: failed
    })
    return Deferred.await(lost)
  })
