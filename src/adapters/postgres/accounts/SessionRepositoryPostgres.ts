import { type DateTime, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { type AccountId, AccountNotFound, type PasswordHash } from "../../../domain/accounts/Account.ts"
import type { RefreshState } from "../../../domain/accounts/RefreshTokens.ts"
import { Session, SessionEnded, type SessionId } from "../../../domain/accounts/Session.ts"
import {
  type Extension,
  type LastUse,
  type Rotation,
  SessionRepository
} from "../../../domain/accounts/SessionRepository.ts"
import { type RefreshRow, sessionStatements } from "./SessionStatements.ts"

const refreshState = ({
  refreshGeneration,
  refreshIssuedAt,
  refreshTokenHash,
  ...session
}: RefreshRow): RefreshState => ({
  session: new Session(session),
  generation: refreshGeneration,
  issuedAt: refreshIssuedAt,
  hash: refreshTokenHash
})

/** What a row that is not there means. */
const otherwise = <E>(error: () => E) => ({
  NoSuchElementError: () => Effect.fail(error()),
  SchemaError: Effect.die,
  SqlError: Effect.die
})

const ended = (id: SessionId) => otherwise(() => new SessionEnded({ id }))

const idsOf = (rows: ReadonlyArray<{ readonly id: SessionId }>) => rows.map(({ id }) => id)

export const SessionRepositoryPostgres = Layer.effect(
  SessionRepository,
  Effect.gen(function* () {
    const statements = sessionStatements(yield* SqlClient.SqlClient)

    const insert = Effect.fn("SessionRepository.insert")(
      (session: Session, refreshTokenHash: Uint8Array | null, passwordHash: PasswordHash | null = null) =>
        statements
          .insertRow({ ...session, refreshTokenHash, passwordHash })
          .pipe(Effect.asVoid, Effect.catchTags(otherwise(() => new AccountNotFound({ id: session.accountId }))))
    )

    const findActive = Effect.fn("SessionRepository.findActive")((id: SessionId, now: DateTime.Utc) =>
      statements.selectActive({ id, now }).pipe(
        Effect.map((row) => new Session(row)),
        Effect.catchTags(ended(id))
      )
    )

    const findRefreshState = Effect.fn("SessionRepository.findRefreshState")((id: SessionId, now: DateTime.Utc) =>
      statements.selectRefreshState({ id, now }).pipe(Effect.map(refreshState), Effect.catchTags(ended(id)))
    )

    const extend = Effect.fn("SessionRepository.extend")((extension: Extension) =>
      statements.updateExpiry(extension).pipe(
        Effect.map((row) => new Session(row)),
        Effect.catchTags(ended(extension.id))
      )
    )

    const rotate = Effect.fn("SessionRepository.rotate")((rotation: Rotation) =>
      statements.updateToken(rotation).pipe(
        Effect.map((row) => new Session(row)),
        Effect.catchTags(ended(rotation.id))
      )
    )

    const end = Effect.fn("SessionRepository.end")((id: SessionId, now: DateTime.Utc) =>
      statements.updateEnd({ id, now }).pipe(Effect.map(refreshState), Effect.catchTags(ended(id)))
    )

    const endByAccount = Effect.fn("SessionRepository.endByAccount")(
      (accountId: AccountId, id: SessionId, now: DateTime.Utc) =>
        statements.updateEndByAccount({ accountId, id, now }).pipe(Effect.asVoid, Effect.catchTags(ended(id)))
    )

    const endAllByAccount = Effect.fn("SessionRepository.endAllByAccount")(
      (accountId: AccountId, now: DateTime.Utc, keep: SessionId | null = null) =>
        statements.updateEndAll({ accountId, now, keep }).pipe(Effect.map(idsOf), Effect.orDie)
    )

    const listActiveByAccount = Effect.fn("SessionRepository.listActiveByAccount")(
      (accountId: AccountId, now: DateTime.Utc) =>
        statements.selectActiveByAccount({ accountId, now }).pipe(
          Effect.map((rows) => rows.map((row) => new Session(row))),
          Effect.orDie
        )
    )

    const listEndedSince = Effect.fn("SessionRepository.listEndedSince")((since: DateTime.Utc) =>
      statements.selectEndedSince(since).pipe(Effect.map(idsOf), Effect.orDie)
    )

    const saveLastUses = Effect.fn("SessionRepository.saveLastUses")((uses: ReadonlyArray<LastUse>) =>
      statements.updateLastUses(uses).pipe(Effect.map(idsOf), Effect.orDie)
    )

    const deleteEndedBefore = Effect.fn("SessionRepository.deleteEndedBefore")((before: DateTime.Utc) =>
      Effect.orDie(statements.deleteRows(before))
    )

    return SessionRepository.of({
      insert,
      findActive,
      findRefreshState,
      extend,
      rotate,
      end,
      endByAccount,
      endAllByAccount,
      listActiveByAccount,
      listEndedSince,
      saveLastUses,
      deleteEndedBefore
    })
  })
)
