import { Effect, Layer, PubSub, Stream } from "effect"
import { type Revocation, Revocations } from "../../domain/accounts/Revocations.ts"
import type { SessionId } from "../../domain/accounts/Session.ts"

/** Changes that are kept for a reader that lags; one that lags further is told that it missed some. */
const backlog = 4096

const missed: Revocation = { _tag: "Missed" }
const ended = (sessionId: SessionId): Revocation => ({ _tag: "Ended", sessionId })

/** For the only instance there is: it hears what it says. */
export const RevocationsInProcess = Layer.effect(
  Revocations,
  Effect.gen(function* () {
    const changes = yield* PubSub.sliding<Revocation>(backlog)
    return Revocations.of({
      announce: (sessionId) =>
        Effect.flatMap(PubSub.isFull(changes), (full) => PubSub.publish(changes, full ? missed : ended(sessionId))),
      changes: Stream.fromPubSub(changes),
      connected: Effect.succeed(true)
    })
  })
)
