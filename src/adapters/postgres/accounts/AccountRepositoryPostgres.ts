import { type DateTime, Effect, Layer, Option, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import {
  Account,
  AccountId,
  EmailTaken,
  PasswordHash,
  Username,
  usernameKey,
  UsernameTaken
} from "../../../domain/accounts/Account.ts"
import { AccountRepository, type NewAccount } from "../../../domain/accounts/AccountRepository.ts"
import { signInKey } from "../../../domain/accounts/SignInKey.ts"
import { EmailAddress, emailKey } from "../../../domain/shared/EmailAddress.ts"

// timestamptz arrives from the driver as a Date.
const AccountRow = Schema.Struct({
  ...Account.fields,
  emailVerifiedAt: Schema.NullOr(Schema.DateTimeUtcFromDate),
  createdAt: Schema.DateTimeUtcFromDate
})

const NewAccountRow = Schema.Struct({
  username: Schema.NullOr(Username),
  usernameKey: Schema.NullOr(Schema.String),
  email: Schema.NullOr(EmailAddress),
  emailKey: Schema.NullOr(Schema.String),
  emailClaimedAt: Schema.NullOr(Schema.DateTimeUtcFromDate),
  passwordHash: PasswordHash,
  firstName: Schema.NullOr(Schema.String),
  lastName: Schema.NullOr(Schema.String),
  createdAt: Schema.DateTimeUtcFromDate
})

export const AccountRepositoryPostgres = Layer.effect(
  AccountRepository,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    // A conflict is no error here: it would abort the transaction that this may be part of.
    const insertRow = SqlSchema.findOneOption({
      Request: NewAccountRow,
      Result: AccountRow,
      execute: (row) =>
        sql`INSERT INTO accounts ${sql.insert(row)} ON CONFLICT DO NOTHING
          RETURNING id, username, email, email_verified_at, first_name, last_name, created_at`
    })

    const selectTaken = SqlSchema.findOne({
      Request: Schema.Struct({ usernameKey: Schema.NullOr(Schema.String), emailKey: Schema.NullOr(Schema.String) }),
      Result: Schema.Struct({ username: Schema.Boolean, email: Schema.Boolean }),
      execute: (keys) => sql`SELECT
        EXISTS (SELECT FROM accounts WHERE username_key = ${keys.usernameKey}) AS username,
        EXISTS (SELECT FROM accounts WHERE email_key = ${keys.emailKey}) AS email`
    })

    const releaseRow = SqlSchema.findOneOption({
      Request: Schema.Struct({ emailKey: Schema.String, claimedBefore: Schema.DateTimeUtcFromDate }),
      Result: Schema.Struct({ id: AccountId }),
      execute: (claim) => sql`UPDATE accounts SET email = NULL, email_key = NULL, email_claimed_at = NULL
        WHERE email_key = ${claim.emailKey} AND email_verified_at IS NULL AND email_claimed_at < ${claim.claimedBefore}
        RETURNING id`
    })

    const CredentialsRow = Schema.Struct({ accountId: AccountId, passwordHash: PasswordHash })

    const selectByUsername = SqlSchema.findOneOption({
      Request: Schema.String,
      Result: CredentialsRow,
      execute: (key) => sql`SELECT id AS account_id, password_hash FROM accounts
        WHERE username_key = ${key} AND password_hash IS NOT NULL`
    })

    const selectByEmail = SqlSchema.findOneOption({
      Request: Schema.String,
      Result: CredentialsRow,
      execute: (key) => sql`SELECT id AS account_id, password_hash FROM accounts
        WHERE email_key = ${key} AND password_hash IS NOT NULL`
    })

    const updatePasswordHash = SqlSchema.void({
      Request: Schema.Struct({ ...CredentialsRow.fields, previous: PasswordHash }),
      execute: (row) => sql`UPDATE accounts SET password_hash = ${row.passwordHash}
        WHERE id = ${row.accountId} AND password_hash = ${row.previous}`
    })

    const insert = Effect.fn("AccountRepository.insert")(function* (account: NewAccount, now: DateTime.Utc) {
      const { email, username } = account
      const keys = {
        usernameKey: username === null ? null : usernameKey(username),
        emailKey: email === null ? null : emailKey(email)
      }
      const row = { ...account, ...keys, emailClaimedAt: email === null ? null : now, createdAt: now }
      while (true) {
        const inserted = yield* Effect.orDie(insertRow(row))
        if (Option.isSome(inserted)) return new Account(inserted.value)
        const taken = yield* Effect.orDie(selectTaken(keys))
        if (username !== null && taken.username) return yield* new UsernameTaken({ username })
        if (email !== null && taken.email) return yield* new EmailTaken({ email })
        // What was in the way has gone in between.
      }
    })

    const releaseUnverifiedEmail = Effect.fn("AccountRepository.releaseUnverifiedEmail")(
      (email: EmailAddress, claimedBefore: DateTime.Utc) =>
        releaseRow({ emailKey: emailKey(email), claimedBefore }).pipe(Effect.map(Option.isSome), Effect.orDie)
    )

    const findCredentials = Effect.fn("AccountRepository.findCredentials")((identifier: string) => {
      const key = signInKey(identifier)
      if (key === undefined) return Effect.succeedNone
      return Effect.orDie(key._tag === "Email" ? selectByEmail(key.emailKey) : selectByUsername(key.usernameKey))
    })

    const savePasswordHash = Effect.fn("AccountRepository.savePasswordHash")(
      (accountId: AccountId, passwordHash: PasswordHash, previous: PasswordHash) =>
        Effect.orDie(updatePasswordHash({ accountId, passwordHash, previous }))
    )

    return AccountRepository.of({ insert, releaseUnverifiedEmail, findCredentials, savePasswordHash })
  })
)
