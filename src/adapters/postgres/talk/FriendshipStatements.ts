import { Schema } from "effect"
import { type SqlClient, SqlSchema } from "effect/sql"
import { AccountId } from "../../../domain/accounts/Account.ts"
import { PhoneDigits } from "../../../domain/shared/PhoneNumber.ts"
import { DisplayName } from "../../../domain/talk/Friend.ts"
import { Stance } from "../../../domain/talk/Friendship.ts"
import { pairKey } from "./PairLock.ts"

const Side = Schema.Struct({ owner: AccountId, peer: AccountId })

const FriendRow = Schema.Struct({
  accountId: Schema.NullOr(AccountId),
  phoneNumber: PhoneDigits,
  displayName: Schema.NullOr(Schema.String),
  mine: Stance,
  theirs: Stance,
  // timestamptz arrives from the driver as a Date.
  lastTouchAt: Schema.DateTimeUtcFromDate,
  unreadMessages: Schema.Int
})

/** Two accounts and what they make of each other. The lower id comes first, in whichever order the two are given. */
export const friendshipStatements = (sql: SqlClient.SqlClient) => {
  // The accounts before the pair, as whoever deletes one of them has it, and both in one order. What the pair is like can
  // only be read by a statement that begins once it is locked.
  const lockPair = SqlSchema.findOne({
    Request: Side,
    Result: Schema.Struct({ accounts: Schema.Array(AccountId) }),
    execute: ({ owner, peer }) => sql`
      WITH locked AS (
        SELECT id FROM accounts WHERE id IN (${owner}, ${peer}) ORDER BY id FOR KEY SHARE
      ), present AS (
        SELECT COALESCE(array_agg(id), '{}') AS accounts FROM locked
      )
      SELECT accounts, CASE cardinality(accounts) WHEN 2 THEN
        pg_advisory_xact_lock(${pairKey(sql, sql`${Math.min(owner, peer)}::bigint`, sql`${Math.max(owner, peer)}::bigint`)})
      END FROM present`
  })

  const selectStances = SqlSchema.findAll({
    Request: Side,
    Result: Schema.Struct({ owner: AccountId, stance: Stance }),
    execute: ({ owner, peer }) => sql`SELECT account_id AS owner, stance FROM friendships
      WHERE (account_id, peer_id) IN ((${owner}, ${peer}), (${peer}, ${owner}))`
  })

  const saveSide = SqlSchema.void({
    Request: Schema.Struct({
      ...Side.fields,
      stance: Stance,
      touched: Schema.Boolean,
      named: Schema.Boolean,
      displayName: Schema.NullOr(DisplayName),
      now: Schema.DateTimeUtcFromDate
    }),
    execute: ({ displayName, named, now, owner, peer, stance, touched }) => sql`
      INSERT INTO friendships AS present (account_id, peer_id, stance, display_name, last_touch_at)
      VALUES (${owner}, ${peer}, ${stance}, ${displayName}, ${now})
      ON CONFLICT (account_id, peer_id) DO UPDATE SET stance = excluded.stance,
        display_name = CASE WHEN ${named} THEN excluded.display_name ELSE present.display_name END,
        last_touch_at = CASE WHEN ${touched} THEN excluded.last_touch_at ELSE present.last_touch_at END`
  })

  const deletePair = SqlSchema.void({
    Request: Side,
    execute: ({ owner, peer }) => sql`DELETE FROM friendships
      WHERE (account_id, peer_id) IN ((${owner}, ${peer}), (${peer}, ${owner}))`
  })

  // Only who is in sight: the rest of what is kept is for no one to see.
  const selectFriends = SqlSchema.findAll({
    Request: Schema.Struct({ owner: AccountId, phone: Schema.NullOr(PhoneDigits) }),
    Result: FriendRow,
    execute: ({ owner, phone }) => sql`
      SELECT accounts.id AS account_id, phone_number, own.display_name, own.stance AS mine, other.stance AS theirs,
        own.last_touch_at, own.unread_messages
      FROM friendships AS own
        JOIN friendships AS other ON other.account_id = own.peer_id AND other.peer_id = own.account_id
        JOIN accounts ON accounts.id = own.peer_id
      WHERE own.account_id = ${owner} ${phone === null ? sql`` : sql`AND phone_number = ${phone}`}
      UNION ALL
      SELECT NULL, phone_number, display_name, 'asked', 'none', created_at, 0
      FROM invitations WHERE account_id = ${owner} ${phone === null ? sql`` : sql`AND phone_number = ${phone}`}
      ORDER BY last_touch_at DESC, phone_number`
  })

  return { lockPair, selectStances, saveSide, deletePair, selectFriends }
}
