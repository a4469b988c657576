import { Schema } from "effect"
import { type SqlClient, SqlSchema } from "effect/sql"
import { AccountId } from "../../../domain/accounts/Account.ts"
import { PhoneDigits } from "../../../domain/shared/PhoneNumber.ts"
import { DisplayName } from "../../../domain/talk/Friend.ts"

const Invitation = Schema.Struct({ owner: AccountId, phone: PhoneDigits })
const NamedInvitation = Schema.Struct({ ...Invitation.fields, displayName: Schema.NullOr(DisplayName) })
const Owner = Schema.Struct({ owner: AccountId })
const Claim = Schema.Struct({
  phone: PhoneDigits,
  since: Schema.DateTimeUtcFromDate,
  now: Schema.DateTimeUtcFromDate
})

/** How many claims that count no more are cleared away with each new one. */
const clearedAtOnce = 100

/** Requests that wait for a number to sign up. */
export const invitationStatements = (sql: SqlClient.SqlClient) => {
  // The account before the number, as whoever changes an account has it.
  const lockNumber = SqlSchema.findOneOption({
    Request: Invitation,
    Result: Owner,
    execute: ({ owner, phone }) => sql`
      WITH owner AS MATERIALIZED (SELECT id FROM accounts WHERE id = ${owner} FOR KEY SHARE)
      SELECT id AS owner, pg_advisory_xact_lock(hashtextextended(${`invitations/${phone}`}, 0)) FROM owner`
  })

  const insertRow = SqlSchema.findOneOption({
    Request: Schema.Struct({ ...NamedInvitation.fields, now: Schema.DateTimeUtcFromDate }),
    Result: Owner,
    execute: ({ displayName, now, owner, phone }) => sql`
      INSERT INTO invitations (account_id, phone_number, display_name, created_at)
      VALUES (${owner}, ${phone}, ${displayName}, ${now})
      ON CONFLICT DO NOTHING RETURNING account_id AS owner`
  })

  // The account before its invitation, as whoever deletes the account has it.
  const owner = (id: number) => sql`owner AS (SELECT id FROM accounts WHERE id = ${id} FOR KEY SHARE)`

  const updateName = SqlSchema.findOneOption({
    Request: NamedInvitation,
    Result: Owner,
    execute: (invitation) => sql`WITH ${owner(invitation.owner)}
      UPDATE invitations SET display_name = ${invitation.displayName} FROM owner
      WHERE account_id = owner.id AND phone_number = ${invitation.phone} RETURNING account_id AS owner`
  })

  const deleteRow = SqlSchema.findOneOption({
    Request: Invitation,
    Result: Schema.Struct({ displayName: Schema.NullOr(DisplayName) }),
    execute: (invitation) => sql`WITH ${owner(invitation.owner)}
      DELETE FROM invitations USING owner
      WHERE account_id = owner.id AND phone_number = ${invitation.phone} RETURNING display_name`
  })

  const selectInviters = SqlSchema.findAll({
    Request: PhoneDigits,
    Result: Owner,
    execute: (phone) =>
      sql`SELECT account_id AS owner FROM invitations WHERE phone_number = ${phone} ORDER BY account_id`
  })

  const claimSms = SqlSchema.findOneOption({
    Request: Claim,
    Result: Schema.Struct({ phone: PhoneDigits }),
    execute: ({ now, phone, since }) => sql`
      INSERT INTO invitation_sms AS present (phone_number, claimed_at) VALUES (${phone}, ${now})
      ON CONFLICT (phone_number) DO UPDATE SET claimed_at = excluded.claimed_at WHERE present.claimed_at < ${since}
      RETURNING phone_number AS phone`
  })

  // Waits for nobody: what another one claims just now is not cleared away.
  const clearClaims = SqlSchema.void({
    Request: Schema.DateTimeUtcFromDate,
    execute: (before) => sql`DELETE FROM invitation_sms WHERE phone_number = ANY(ARRAY(
      SELECT phone_number FROM invitation_sms WHERE claimed_at < ${before} ORDER BY claimed_at
      LIMIT ${clearedAtOnce} FOR UPDATE SKIP LOCKED
    ))`
  })

  return { lockNumber, insertRow, updateName, deleteRow, selectInviters, claimSms, clearClaims }
}
