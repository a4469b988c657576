import { DateTime, Duration, Effect, Option, Redacted } from "effect"
import { type RefreshState, standingOf } from "../../domain/accounts/RefreshTokens.ts"
import type { Dialect, Session, SessionEnded } from "../../domain/accounts/Session.ts"
import { type Extension, SessionRepository } from "../../domain/accounts/SessionRepository.ts"
import { InvalidToken, type RefreshClaims, Tokens } from "../../domain/accounts/Tokens.ts"
import type { KnownSessions } from "./KnownSessions.ts"

export interface SessionLifetimes {
  /** Of an access token that can be refreshed. */
  readonly access: Duration.Duration
  /** Of a session after its last sign-in or refresh. */
  readonly session: Duration.Duration
}

const asInvalidToken = <A, R>(effect: Effect.Effect<A, InvalidToken | SessionEnded, R>) =>
  Effect.catchTag(effect, "SessionEnded", () => Effect.fail(new InvalidToken()))

/** What the tokens of sessions are good for, and what becomes of a refresh token that is shown once too often. */
export const makeSessionTokens = (lifetimes: SessionLifetimes, known: KnownSessions) =>
  Effect.gen(function* () {
    const repository = yield* SessionRepository
    const tokens = yield* Tokens

    const signAccess = Effect.fnUntraced(function* (session: Session, lifetime: Duration.Duration, now: DateTime.Utc) {
      const expiresIn = Duration.min(lifetime, DateTime.distance(now, session.expiresAt))
      const expiresAt = DateTime.addDuration(now, expiresIn)
      return { accessToken: yield* tokens.sign(session, { purpose: "access", expiresAt }), expiresIn }
    })

    const warnOfReuse = ({ accountId, id: sessionId }: Session) =>
      Effect.logWarning("A refresh token was shown after it had been replaced: its session has been ended").pipe(
        Effect.annotateLogs({ accountId, sessionId })
      )

    /** Of a refresh token that was replaced there are two, and one is in the hands of a thief. */
    const refuse = Effect.fnUntraced(function* (claims: RefreshClaims, state: RefreshState, now: DateTime.Utc) {
      if (standingOf(claims.generation, state, now) === "replaced") {
        yield* known.ending(claims.sessionId, repository.end(claims.sessionId, now))
        yield* warnOfReuse(state.session)
      }
      return yield* new InvalidToken()
    })

    const refuseRefreshToken = Effect.fnUntraced(function* (claims: RefreshClaims) {
      const now = yield* DateTime.now
      return yield* refuse(claims, yield* repository.findRefreshState(claims.sessionId, now), now)
    })

    const authenticate = Effect.fnUntraced(function* (token: string) {
      const claims = yield* tokens.verify(token)
      return yield* claims.purpose === "access" ? known.use(claims.sessionId) : refuseRefreshToken(claims)
    }, asInvalidToken)

    const verifyRefresh = Effect.fnUntraced(function* (token: string) {
      const claims = yield* tokens.verify(token)
      return claims.purpose === "refresh" ? claims : yield* new InvalidToken()
    })

    const extension = Effect.fnUntraced(function* (refreshToken: string, claims: RefreshClaims, dialect: Dialect) {
      const now = yield* DateTime.now
      const refreshTokenHash = yield* tokens.hash(Redacted.make(refreshToken))
      const expiresAt = DateTime.addDuration(now, lifetimes.session)
      return { id: claims.sessionId, dialect, refreshTokenHash, expiresAt, now } satisfies Extension
    })

    const refresh = Effect.fn("Sessions.refresh")(function* (refreshToken: string, dialect: Dialect) {
      const claims = yield* verifyRefresh(refreshToken)
      const shown = yield* extension(refreshToken, claims, dialect)
      const session = yield* repository
        .extend(shown)
        .pipe(Effect.catchTag("SessionEnded", () => refuseRefreshToken(claims)))
      const { accessToken } = yield* signAccess(session, lifetimes.access, shown.now)
      return accessToken
    }, asInvalidToken)

    /** The pair that took the place of a token, for whoever came second. */
    const currentPair = Effect.fnUntraced(function* (claims: RefreshClaims, { dialect, now }: Extension) {
      const state = yield* repository.findRefreshState(claims.sessionId, now)
      const { generation, hash, issuedAt, session } = state
      const isForgiven = standingOf(claims.generation, state, now) === "justReplaced" && session.dialect === dialect
      if (!isForgiven || hash === null) return yield* refuse(claims, state, now)
      const refreshToken = yield* tokens.signAgain(session, { purpose: "refresh", generation, issuedAt }, hash)
      if (Option.isNone(refreshToken)) return yield* new InvalidToken()
      return { session, refreshToken: refreshToken.value }
    })

    const rotate = Effect.fn("Sessions.rotate")(function* (refreshToken: string, dialect: Dialect) {
      const claims = yield* verifyRefresh(refreshToken)
      const { accountId, generation, sessionId } = claims
      const shown = yield* extension(refreshToken, claims, dialect)
      const grant = { purpose: "refresh", generation: generation + 1, issuedAt: shown.now } as const
      const next = yield* tokens.sign({ id: sessionId, accountId }, grant)
      const rotated = repository.rotate({ ...shown, generation, nextTokenHash: yield* tokens.hash(next) })
      const pair = yield* rotated.pipe(
        Effect.map((session) => ({ session, refreshToken: next })),
        Effect.catchTag("SessionEnded", () => currentPair(claims, shown))
      )
      return { ...pair, ...(yield* signAccess(pair.session, lifetimes.access, shown.now)) }
    }, asInvalidToken)

    const end = Effect.fn("Sessions.end")(function* (token: string) {
      const claims = yield* tokens.verify(token)
      const now = yield* DateTime.now
      const state = yield* known.ending(claims.sessionId, repository.end(claims.sessionId, now))
      if (claims.purpose === "refresh" && standingOf(claims.generation, state, now) === "replaced") {
        yield* warnOfReuse(state.session)
      }
    })

    return { signAccess, authenticate, refresh, rotate, end }
  })
