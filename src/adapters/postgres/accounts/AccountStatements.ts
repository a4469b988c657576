import { Schema } from "effect"
import { type SqlClient, SqlSchema } from "effect/sql"
import { Account, AccountId, PasswordHash, Username } from "../../../domain/accounts/Account.ts"
import { EmailAddress } from "../../../domain/shared/EmailAddress.ts"
import { PhoneDigits } from "../../../domain/shared/PhoneNumber.ts"

// timestamptz arrives from the driver as a Date.
export const AccountRow = Schema.Struct({
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

/** What a save writes, and when. */
const SavedAccountRow = Schema.Struct({
  ...AccountRow.fields,
  emailKey: Schema.NullOr(Schema.String),
  pendingEmailKey: Schema.NullOr(Schema.String),
  now: Schema.DateTimeUtcFromDate
})

const EmailClaim = Schema.Struct({ emailKey: Schema.String, claimedBefore: Schema.DateTimeUtcFromDate })

export const CredentialsRow = Schema.Struct({ ...AccountRow.fields, passwordHash: PasswordHash })

/** The most that `AccountRepository.listByPendingEmail` lists. */
const pendingLimit = 10

export const accountStatements = (sql: SqlClient.SqlClient) => {
  const columns = sql.literal(
    "id, username, email, email_verified_at, pending_email, phone_number, avatar_id, first_name, last_name, created_at"
  )

  // A conflict is no error here: it would abort the transaction that this may be part of.
  const insertRow = SqlSchema.findOneOption({
    Request: NewAccountRow,
    Result: AccountRow,
    execute: (row) => sql`INSERT INTO accounts ${sql.insert(row)} ON CONFLICT DO NOTHING RETURNING ${columns}`
  })

  const insertPhoneRow = SqlSchema.findOneOption({
    Request: Schema.Struct({ phoneNumber: PhoneDigits, createdAt: Schema.DateTimeUtcFromDate }),
    Result: AccountRow,
    execute: (row) => sql`INSERT INTO accounts ${sql.insert(row)} ON CONFLICT DO NOTHING RETURNING ${columns}`
  })

  const selectTaken = SqlSchema.findOne({
    Request: Schema.Struct({ usernameKey: Schema.NullOr(Schema.String), emailKey: Schema.NullOr(Schema.String) }),
    Result: Schema.Struct({ username: Schema.Boolean, email: Schema.Boolean }),
    execute: (keys) => sql`SELECT
      EXISTS (SELECT FROM accounts WHERE username_key = ${keys.usernameKey}) AS username,
      EXISTS (SELECT FROM accounts WHERE email_key = ${keys.emailKey}) AS email`
  })

  const selectById = SqlSchema.findOne({
    Request: AccountId,
    Result: AccountRow,
    execute: (id) => sql`SELECT ${columns} FROM accounts WHERE id = ${id}`
  })

  // The strongest lock: it keeps out the foreign keys of sessions too, so that none is opened beside a change of password.
  const lockById = SqlSchema.findOne({
    Request: AccountId,
    Result: AccountRow,
    execute: (id) => sql`SELECT ${columns} FROM accounts WHERE id = ${id} FOR UPDATE`
  })

  // What refers to the account may be written all the same, as a change of anything but its id lets it.
  const lockForChange = SqlSchema.findOne({
    Request: AccountId,
    Result: AccountRow,
    execute: (id) => sql`SELECT ${columns} FROM accounts WHERE id = ${id} FOR NO KEY UPDATE`
  })

  const selectByEmail = SqlSchema.findOneOption({
    Request: Schema.String,
    Result: AccountRow,
    execute: (key) => sql`SELECT ${columns} FROM accounts WHERE email_key = ${key}`
  })

  const selectByPhone = SqlSchema.findOneOption({
    Request: PhoneDigits,
    Result: AccountRow,
    execute: (phone) => sql`SELECT ${columns} FROM accounts WHERE phone_number = ${phone}`
  })

  const updatePhone = SqlSchema.findOne({
    Request: Schema.Struct({ id: AccountId, phone: PhoneDigits }),
    Result: AccountRow,
    execute: ({ id, phone }) => sql`UPDATE accounts SET phone_number = ${phone} WHERE id = ${id} RETURNING ${columns}`
  })

  const selectHolder = SqlSchema.findOneOption({
    Request: EmailClaim,
    Result: AccountRow,
    execute: (claim) => sql`SELECT ${columns} FROM accounts
      WHERE email_key = ${claim.emailKey} AND (email_verified_at IS NOT NULL OR email_claimed_at >= ${claim.claimedBefore})`
  })

  const selectByPendingEmail = SqlSchema.findAll({
    Request: Schema.String,
    Result: AccountRow,
    execute: (key) => sql`SELECT ${columns} FROM accounts WHERE pending_email_key = ${key}
      ORDER BY id LIMIT ${pendingLimit}`
  })

  const updateRow = SqlSchema.findOne({
    Request: SavedAccountRow,
    Result: AccountRow,
    execute: ({
      createdAt: _createdAt,
      id,
      now,
      phoneNumber: _phone,
      username: _username,
      ...row
    }) => sql`UPDATE accounts
      SET ${sql.update(row)}, email_claimed_at = CASE
        WHEN ${row.emailKey}::text IS NULL THEN NULL
        WHEN email_key IS DISTINCT FROM ${row.emailKey} THEN ${now}
        ELSE email_claimed_at END
      WHERE id = ${id} RETURNING ${columns}`
  })

  const releaseRow = SqlSchema.findOneOption({
    Request: EmailClaim,
    Result: Schema.Struct({ id: AccountId }),
    execute: (claim) => sql`UPDATE accounts SET email = NULL, email_key = NULL, email_claimed_at = NULL
      WHERE email_key = ${claim.emailKey} AND email_verified_at IS NULL AND email_claimed_at < ${claim.claimedBefore}
      RETURNING id`
  })

  const credentials = sql`SELECT ${columns}, password_hash FROM accounts WHERE password_hash IS NOT NULL`

  const selectCredentialsByUsername = SqlSchema.findOneOption({
    Request: Schema.String,
    Result: CredentialsRow,
    execute: (key) => sql`${credentials} AND username_key = ${key}`
  })

  const selectCredentialsByEmail = SqlSchema.findOneOption({
    Request: Schema.String,
    Result: CredentialsRow,
    execute: (key) => sql`${credentials} AND email_key = ${key}`
  })

  const selectCredentialsById = SqlSchema.findOneOption({
    Request: AccountId,
    Result: CredentialsRow,
    execute: (id) => sql`${credentials} AND id = ${id}`
  })

  const updatePasswordHash = SqlSchema.findOneOption({
    Request: Schema.Struct({ id: AccountId, hash: PasswordHash, previous: PasswordHash }),
    Result: Schema.Struct({ id: AccountId }),
    execute: (row) => sql`UPDATE accounts SET password_hash = ${row.hash}
      WHERE id = ${row.id} AND password_hash = ${row.previous} RETURNING id`
  })

  return {
    insertRow,
    insertPhoneRow,
    selectTaken,
    selectById,
    lockById,
    lockForChange,
    selectByEmail,
    selectByPhone,
    updatePhone,
    selectHolder,
    selectByPendingEmail,
    updateRow,
    releaseRow,
    selectCredentialsByUsername,
    selectCredentialsByEmail,
    selectCredentialsById,
    updatePasswordHash
  }
}
