import { Context, DateTime, type Duration, Effect, Layer, Order, type Redacted } from "effect"
import { SecureRandom } from "effect/crypto"
import type { AccountId, AccountNotFound, PasswordHash } from "../../domain/accounts/Account.ts"
import { AccountRepository } from "../../domain/accounts/AccountRepository.ts"
import { type Dialect, Session, type SessionEnded, SessionId } from "../../domain/accounts/Session.ts"
import { SessionRepository } from "../../domain/accounts/SessionRepository.ts"
import { type InvalidToken, Tokens } from "../../domain/accounts/Tokens.ts"
import { storableText } from "../../domain/shared/StorableText.ts"
import { Transaction } from "../../domain/shared/Transaction.ts"
import { makeKnownSessions } from "./KnownSessions.ts"
import { makeSessionTokens, type SessionLifetimes } from "./SessionTokens.ts"

export interface SignedIn {
  readonly session: Session
  readonly accessToken: Redacted.Redacted<string>
  /** How long the access token opens something. */
  readonly expiresIn: Duration.Duration
  readonly refreshToken: Redacted.Redacted<string> | null
}

export interface Rotated extends SignedIn {
  readonly refreshToken: Redacted.Redacted<string>
}

export interface SessionRequest {
  readonly accountId: AccountId
  readonly dialect: Dialect
  /** Whether the session gets a refresh token; without one its access token lasts as long as the session. */
  readonly refreshable: boolean
  /** The `User-Agent` of the client. */
  readonly userAgent: string | undefined
  /** Of the password that was shown. An account that has another one by now counts as not found. */
  readonly passwordHash?: PasswordHash
}

/** Longer than any browser's name, in UTF-16 code units. */
const longestUserAgent = 512

const storableUserAgent = (userAgent: string | undefined): string | null =>
  userAgent === undefined || userAgent.trim() === "" ? null : storableText(userAgent.trim(), longestUserAgent)

const latestUsed = Order.mapInput(Order.flip(DateTime.Order), (session: Session) => session.lastUsedAt)

export class Sessions extends Context.Service<
  Sessions,
  {
    open(request: SessionRequest): Effect.Effect<SignedIn, AccountNotFound>
    /** The session of an access token. Costs no round trip once its session is known to this instance. */
    authenticate(token: string): Effect.Effect<Session, InvalidToken>
    /** A new access token for a session of that dialect; the refresh token stays as it is. */
    refresh(refreshToken: string, dialect: Dialect): Effect.Effect<Redacted.Redacted<string>, InvalidToken>
    /**
     * A new access token and a new refresh token for a session of that dialect. The one that was shown is rotated out:
     * shown again within 10 seconds (two tabs at once) it gets the pair that is current, later it ends the session.
     */
    rotate(refreshToken: string, dialect: Dialect): Effect.Effect<Rotated, InvalidToken>
    /** Ends the session of either token at once, on every instance. Fails with `SessionEnded` where it had ended before. */
    end(token: string): Effect.Effect<void, InvalidToken | SessionEnded>
    /** Those of the account that have not ended, the latest used first. */
    list(accountId: AccountId): Effect.Effect<ReadonlyArray<Session>>
    /** Ends one of the account's sessions at once, on every instance. */
    endById(accountId: AccountId, id: SessionId): Effect.Effect<void, SessionEnded>
    /** Ends all of the account's sessions at once, on every instance, but the one that is to be kept. */
    endAll(accountId: AccountId, keep?: SessionId): Effect.Effect<void>
    /**
     * As {@link endAll}, in one transaction with the change: where that fails, none has ended. Nobody opens another one
     * meanwhile, so the change may be that the account is deleted, and its sessions with it.
     */
    endAllWith<A, E, R>(accountId: AccountId, change: Effect.Effect<A, E, R>, keep?: SessionId): Effect.Effect<A, E, R>
  }
>()("rookery/application/accounts/Sessions") {
  static readonly layer = (lifetimes: SessionLifetimes) =>
    Layer.effect(
      Sessions,
      Effect.gen(function* () {
        const accounts = yield* AccountRepository
        const repository = yield* SessionRepository
        const transaction = yield* Transaction
        const tokens = yield* Tokens
        const random = yield* SecureRandom.SecureRandom
        const known = yield* makeKnownSessions
        const { authenticate, end, refresh, rotate, signAccess } = yield* makeSessionTokens(lifetimes, known)

        const open = Effect.fn("Sessions.open")(function* (request: SessionRequest) {
          const now = yield* DateTime.now
          const session = new Session({
            id: SessionId.make(yield* random.uuidV4()),
            accountId: request.accountId,
            dialect: request.dialect,
            userAgent: storableUserAgent(request.userAgent),
            createdAt: now,
            lastUsedAt: now,
            expiresAt: DateTime.addDuration(now, lifetimes.session)
          })
          const first = { purpose: "refresh", generation: 0, issuedAt: now } as const
          const refreshToken = request.refreshable ? yield* tokens.sign(session, first) : null
          const hash = refreshToken === null ? null : yield* tokens.hash(refreshToken)
          yield* repository.insert(session, hash, request.passwordHash)
          const lifetime = request.refreshable ? lifetimes.access : lifetimes.session
          return { session, refreshToken, ...(yield* signAccess(session, lifetime, now)) }
        })

        const list = Effect.fn("Sessions.list")(function* (accountId: AccountId) {
          const sessions = yield* repository.listActiveByAccount(accountId, yield* DateTime.now)
          return sessions.map(known.withLastUse).toSorted(latestUsed)
        })

        const endById = Effect.fn("Sessions.endById")(function* (accountId: AccountId, id: SessionId) {
          yield* known.ending(id, repository.endByAccount(accountId, id, yield* DateTime.now))
        })

        const endAllWith = Effect.fn("Sessions.endAllWith")(function* <A, E, R>(
          accountId: AccountId,
          change: Effect.Effect<A, E, R>,
          keep?: SessionId
        ) {
          // Who opens a session waits for this lock, and finds no account any more, or another password.
          yield* Effect.ignore(accounts.findByIdForUpdate(accountId))
          yield* known.forget(yield* repository.endAllByAccount(accountId, yield* DateTime.now, keep))
          return yield* change
        }, transaction.atomic)

        return Sessions.of({
          open,
          authenticate,
          refresh,
          rotate,
          end,
          list,
          endById,
          endAll: (accountId, keep) => endAllWith(accountId, Effect.void, keep),
          endAllWith
        })
      })
    )
}
