import { Schema } from "effect"
import { type SqlClient, SqlSchema, type Statement } from "effect/sql"
import { AccountId } from "../../../domain/accounts/Account.ts"
import { ContentType } from "../../../domain/shared/BlobStore.ts"
import { MediaId } from "../../../domain/talk/Media.ts"
import { ClientMessageId, MessageId } from "../../../domain/talk/Message.ts"
import { fixedStatement } from "../FixedStatement.ts"
import { tellMessages } from "../MessageNotifications.ts"
import { messageColumns, MessageRow } from "./MessageRows.ts"
import { lockedPair } from "./PairLock.ts"

const Direction = Schema.Struct({ receiver: AccountId, sender: AccountId })
const Count = Schema.Struct({ count: Schema.Int })

/** The ids of a conversation, as its rows have them. */
const pairOf = (one: number, other: number) => ({ low: Math.min(one, other), high: Math.max(one, other) })

export const messageStatements = (sql: SqlClient.SqlClient) => {
  const columns = sql.literal(messageColumns)

  const selectByClientId = SqlSchema.findOneOption({
    Request: Schema.Struct({ sender: AccountId, id: ClientMessageId }),
    Result: MessageRow,
    execute: ({ id, sender }) => sql`SELECT ${columns} FROM messages
      WHERE sender_id = ${sender} AND client_message_id = ${id}`
  })

  const selectReceived = SqlSchema.findOne({
    Request: Schema.Struct({ receiver: AccountId, id: MessageId }),
    Result: MessageRow,
    execute: ({ id, receiver }) => sql`SELECT ${columns} FROM messages WHERE id = ${id} AND receiver_id = ${receiver}`
  })

  // Both sides are friends, so both have a row.
  const insertRow = SqlSchema.findOneOption({
    Request: Schema.Struct({
      ...Direction.fields,
      kind: Schema.String,
      body: Schema.NullOr(Schema.String),
      mediaId: Schema.NullOr(MediaId),
      mediaType: Schema.NullOr(ContentType),
      clientMessageId: Schema.NullOr(ClientMessageId),
      now: Schema.DateTimeUtcFromDate
    }),
    Result: MessageRow,
    execute: ({ body, clientMessageId, kind, mediaId, mediaType, now, receiver, sender }) => {
      const { high, low } = pairOf(sender, receiver)
      return sql`
        WITH message AS (
          INSERT INTO messages
            (low_id, high_id, sender_id, kind, body, media_id, media_type, status, client_message_id, created_at)
          VALUES (${low}, ${high}, ${sender}, ${kind}, ${body}, ${mediaId}, ${mediaType}, 'created',
            ${clientMessageId}, ${now})
          ON CONFLICT (sender_id, client_message_id) WHERE client_message_id IS NOT NULL DO NOTHING
          RETURNING *
        ), touched AS (
          UPDATE friendships SET last_touch_at = greatest(last_touch_at, message.created_at),
            unread_messages = unread_messages + (account_id = message.receiver_id)::integer
          FROM message
          WHERE account_id IN (low_id, high_id) AND peer_id IN (low_id, high_id)
        )
        SELECT ${columns} FROM message`
    }
  })

  const selectPage = SqlSchema.findAll({
    Request: Schema.Struct({
      one: AccountId,
      other: AccountId,
      limit: Schema.Int,
      before: Schema.UndefinedOr(MessageId)
    }),
    Result: MessageRow,
    execute: ({ before, limit, one, other }) => {
      const { high, low } = pairOf(one, other)
      return sql`SELECT ${columns} FROM messages WHERE low_id = ${low} AND high_id = ${high}
        ${before === undefined ? sql`` : sql`AND id < ${before}`} ORDER BY id DESC LIMIT ${limit}`
    }
  })

  // One round trip for all that a text between friends changes. Who the two are and that they are friends is looked at
  // twice: before anything is locked, so that strangers lock nothing, and once the pair is. What this statement sees is
  // from when it began; only rows that it locks are read as they are now, and so the second look locks those that say
  // that each side wants to be friends.
  const insertText = fixedStatement(
    sql,
    ["sender", "phone", "text", "clientMessageId", "now"],
    ({ clientMessageId, now, phone, sender, text }) => sql`
      WITH pair AS MATERIALIZED (
        SELECT own.id AS sender_id, own.phone_number AS sender_phone, other.id AS receiver_id,
          least(own.id, other.id) AS low_id, greatest(own.id, other.id) AS high_id
        FROM accounts AS own JOIN accounts AS other ON other.phone_number = ${phone}
          JOIN friendships AS mine ON (mine.account_id, mine.peer_id) = (own.id, other.id)
          JOIN friendships AS theirs ON (theirs.account_id, theirs.peer_id) = (other.id, own.id)
        WHERE own.id = ${sender} AND own.phone_number IS NOT NULL AND mine.stance = 'asked' AND theirs.stance = 'asked'
      ), ${lockedPair(sql)}, friendship AS MATERIALIZED (
        SELECT FROM locked CROSS JOIN LATERAL (VALUES (low_id, high_id), (high_id, low_id)) AS side (one, other)
          CROSS JOIN LATERAL (
            SELECT FROM friendships WHERE account_id = one AND peer_id = other AND stance = 'asked' FOR NO KEY UPDATE
          ) AS asking
      ), message AS (
        INSERT INTO messages (low_id, high_id, sender_id, kind, body, status, client_message_id, created_at)
        SELECT low_id, high_id, sender_id, 'text', ${text}::text, 'created', ${clientMessageId}::text, ${now}::timestamptz
        FROM locked WHERE (SELECT count(*) FROM friendship) = 2
        ON CONFLICT (sender_id, client_message_id) WHERE client_message_id IS NOT NULL DO NOTHING
        RETURNING *
      ), sender_side AS (
        UPDATE friendships SET last_touch_at = greatest(last_touch_at, ${now})
        WHERE account_id = (SELECT sender_id FROM message) AND peer_id = (SELECT receiver_id FROM message)
      ), receiver_side AS (
        UPDATE friendships SET last_touch_at = greatest(last_touch_at, ${now}), unread_messages = unread_messages + 1
        WHERE account_id = (SELECT receiver_id FROM message) AND peer_id = (SELECT sender_id FROM message)
      ), news AS (
        SELECT receiver_id AS to_id, sender_id AS with_id FROM message
      ), ${tellMessages(sql)}
      SELECT message.id, message.receiver_id AS receiver, sender_phone AS "senderPhone", newest_id AS "newsId",
        newest_at AS "newsAt"
      FROM message CROSS JOIN pair CROSS JOIN counter`
  )

  // What has been delivered or seen since the statement began is found to be so when its row is locked.
  const deliverNext = fixedStatement(
    sql,
    ["receiver", "after"],
    ({ after, receiver }) => sql`
      WITH pair AS MATERIALIZED (
        SELECT sender_id, receiver_id, least(sender_id, receiver_id) AS low_id, greatest(sender_id, receiver_id) AS high_id
        FROM messages WHERE receiver_id = ${receiver} AND status = 'created' AND sender_id > ${after}
        ORDER BY sender_id LIMIT 1
      ), ${lockedPair(sql)}, delivered AS (
        UPDATE messages SET status = 'delivered'
        WHERE receiver_id = ${receiver} AND sender_id = (SELECT sender_id FROM locked) AND status = 'created'
        RETURNING id
      ), news AS (
        SELECT sender_id AS to_id, receiver_id AS with_id FROM locked WHERE (SELECT count(*) FROM delivered) > 0
      ), ${tellMessages(sql)}
      SELECT sender_id AS sender, newest_id AS "newsId", newest_at AS "newsAt",
        (SELECT phone_number FROM accounts WHERE id = pair.receiver_id) AS "receiverPhone", NOT EXISTS (
        SELECT FROM messages WHERE receiver_id = ${receiver} AND status = 'created' AND sender_id > pair.sender_id
      ) AS "isLast"
      FROM pair LEFT JOIN counter ON true`
  )

  // What becomes seen is counted down by the statement that makes it so: nobody else can count the same message.
  const seeRows = (receiver: number, sender: number, which: Statement.Fragment) => sql`
    WITH seen AS (
      UPDATE messages SET status = 'seen'
      WHERE receiver_id = ${receiver} AND sender_id = ${sender} AND status <> 'seen' AND ${which} RETURNING id
    ), newly AS (
      SELECT count(*) AS count FROM seen
    ), counted AS (
      UPDATE friendships SET unread_messages = unread_messages - newly.count FROM newly
      WHERE account_id = ${receiver} AND peer_id = ${sender} AND newly.count > 0
    )
    SELECT count FROM newly`

  const seeRow = SqlSchema.findOne({
    Request: Schema.Struct({ ...Direction.fields, id: MessageId }),
    Result: Count,
    execute: ({ id, receiver, sender }) => seeRows(receiver, sender, sql`id = ${id}`)
  })

  const seeTextRows = SqlSchema.findOne({
    Request: Direction,
    Result: Count,
    execute: ({ receiver, sender }) => seeRows(receiver, sender, sql`kind = 'text'`)
  })

  return {
    selectByClientId,
    selectReceived,
    insertRow,
    selectPage,
    insertText,
    deliverNext,
    seeRow,
    seeTextRows
  }
}
