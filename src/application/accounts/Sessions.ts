import { Cache, Context, DateTime, Duration, Effect, Exit, Layer, Redacted, Schedule, Stream } from "effect"
import { SecureRandom } from "effect/crypto"
import type { AccountId } from "../../domain/accounts/Account.ts"
import { type Dialect, Session, SessionId } from "../../domain/accounts/Session.ts"
import { Revocations } from "../../domain/accounts/Revocations.ts"
import { SessionRepository } from "../../domain/accounts/SessionRepository.ts"
import { makeOutage } from "../events/Outage.ts"
import { InvalidToken, type TokenClaims, type TokenPurpose, Tokens } from "../../domain/accounts/Tokens.ts"

export interface SignedIn {
  readonly session: Session
  readonly accessToken: Redacted.Redacted<string>
  readonly refreshToken: Redacted.Redacted<string> | null
}

export interface SessionLifetimes {
  /** Of an access token that can be refreshed. */
  readonly access: Duration.Duration
  /** Of a session after its last sign-in or refresh. */
  readonly session: Duration.Duration
}

/** Bounds the memory of known sessions to some 20 MB; the least recently used is forgotten first. */
const knownSessions = 50_000

/** How long a revocation that no message told of can stay unknown to an instance. */
const sweepEvery = Duration.seconds(5)

/** Each look reaches back this far: over transactions that committed late, and clocks of instances that differ. */
const sweepReach = Duration.minutes(1)

/** Ended sessions are kept this long, for instances that hear of it late. */
const keepEnded = Duration.days(1)

export class Sessions extends Context.Service<
  Sessions,
  {
    open(accountId: AccountId, dialect: Dialect, refreshable: boolean): Effect.Effect<SignedIn>
    /** The session of an access token. Costs no round trip once its session is known to this instance. */
    authenticate(token: string): Effect.Effect<Session, InvalidToken>
    /** A new access token for a session of that dialect; the refresh token stays as it is. */
    refresh(refreshToken: string, dialect: Dialect): Effect.Effect<Redacted.Redacted<string>, InvalidToken>
    /** Ends the session of either token at once, on every instance. */
    end(token: string): Effect.Effect<void, InvalidToken>
  }
>()("rookery/application/accounts/Sessions") {
  static readonly layer = (lifetimes: SessionLifetimes) =>
    Layer.effect(
      Sessions,
      Effect.gen(function* () {
        const repository = yield* SessionRepository
        const revocations = yield* Revocations
        const tokens = yield* Tokens
        const random = yield* SecureRandom.SecureRandom

        const findActive = (id: SessionId) => Effect.flatMap(DateTime.now, (now) => repository.findActive(id, now))

        const known = yield* Cache.makeWith(findActive, {
          capacity: knownSessions,
          timeToLive: (exit) => (Exit.isSuccess(exit) ? Duration.infinity : Duration.zero)
        })

        yield* revocations.changes.pipe(
          Stream.runForEach((change) =>
            change._tag === "Ended" ? Cache.invalidate(known, change.sessionId) : Cache.invalidateAll(known)
          ),
          Effect.forkScoped({ startImmediately: true })
        )

        // A message can be lost with the instance that meant to send it; the repository forgets nothing.
        const sweep = Effect.gen(function* () {
          const since = DateTime.subtractDuration(yield* DateTime.now, sweepReach)
          const ended = yield* repository.listEndedSince(since)
          yield* Effect.forEach(ended, (id) => Cache.invalidate(known, id), { discard: true })
        })
        const tidy = Effect.flatMap(DateTime.now, (now) =>
          repository.deleteEndedBefore(DateTime.subtractDuration(now, keepEnded))
        )
        const outage = yield* makeOutage("The database of sessions")
        const background = (task: Effect.Effect<void>, every: Duration.Duration) =>
          task.pipe(
            Effect.andThen(outage.ended),
            Effect.catchCause(outage.began),
            Effect.schedule(Schedule.spaced(every)),
            Effect.forkScoped
          )
        yield* background(sweep, sweepEvery)
        yield* background(tidy, Duration.hours(1))

        const open = Effect.fn("Sessions.open")(function* (
          accountId: AccountId,
          dialect: Dialect,
          refreshable: boolean
        ) {
          const createdAt = yield* DateTime.now
          const expiresAt = DateTime.addDuration(createdAt, lifetimes.session)
          const id = SessionId.make(yield* random.uuidV4())
          const session = new Session({ id, accountId, dialect, createdAt, expiresAt })
          const refreshToken = refreshable ? yield* tokens.sign(session, { purpose: "refresh" }) : null
          yield* repository.insert(session, refreshToken === null ? null : yield* tokens.hash(refreshToken))
          const accessToken = yield* signAccess(session, refreshable ? lifetimes.access : lifetimes.session, createdAt)
          return { session, accessToken, refreshToken }
        })

        const signAccess = (session: Session, lifetime: Duration.Duration, now: DateTime.Utc) =>
          tokens.sign(session, {
            purpose: "access",
            expiresAt: DateTime.min(DateTime.addDuration(now, lifetime), session.expiresAt)
          })

        const verify = (token: string, ...purposes: ReadonlyArray<TokenPurpose>) =>
          Effect.filterOrFail(
            tokens.verify(token),
            (claims: TokenClaims) => purposes.includes(claims.purpose),
            () => new InvalidToken()
          )

        const authenticate = Effect.fnUntraced(
          function* (token: string) {
            const { sessionId } = yield* verify(token, "access")
            if (!(yield* revocations.connected)) return yield* findActive(sessionId)
            const session = yield* Cache.get(known, sessionId)
            if (DateTime.isGreaterThan(session.expiresAt, yield* DateTime.now)) return session
            // It may have been extended since it became known.
            yield* Cache.invalidate(known, sessionId)
            return yield* Cache.get(known, sessionId)
          },
          Effect.catchTag("SessionEnded", () => Effect.fail(new InvalidToken()))
        )

        const refresh = Effect.fn("Sessions.refresh")(
          function* (refreshToken: string, dialect: Dialect) {
            const { sessionId } = yield* verify(refreshToken, "refresh")
            const now = yield* DateTime.now
            const session = yield* repository.extend({
              id: sessionId,
              dialect,
              refreshTokenHash: yield* tokens.hash(Redacted.make(refreshToken)),
              expiresAt: DateTime.addDuration(now, lifetimes.session),
              now
            })
            return yield* signAccess(session, lifetimes.access, now)
          },
          Effect.catchTag("SessionEnded", () => Effect.fail(new InvalidToken()))
        )

        const end = Effect.fn("Sessions.end")(
          function* (token: string) {
            const { sessionId } = yield* verify(token, "access", "refresh")
            yield* repository.end(sessionId, yield* DateTime.now)
            yield* Cache.invalidate(known, sessionId)
            yield* revocations.announce(sessionId)
          },
          Effect.catchTag("SessionEnded", () => Effect.fail(new InvalidToken()))
        )

        return Sessions.of({ open, authenticate, refresh, end })
      })
    )
}
