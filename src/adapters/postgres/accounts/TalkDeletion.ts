import { Effect, Schema } from "effect"
import { type SqlClient, SqlSchema } from "effect/sql"
import { AccountId } from "../../../domain/accounts/Account.ts"
import { MediaId } from "../../../domain/talk/Media.ts"
import { int8Array } from "../Int8.ts"
import { nowInMillis } from "../NoteEvents.ts"

/** Deletes all conversations of an account, and its clips. The account and all friendships of it have to be locked. */
export const talkDeletion = (sql: SqlClient.SqlClient) => {
  // Clips that others sent in these conversations. They are locked in one order, and so that who sends one of them to
  // somebody else just now has done so before it is asked who carries them.
  const deleteMessages = SqlSchema.findAll({
    Request: AccountId,
    Result: Schema.Struct({ id: MediaId }),
    execute: (id) => sql`
      WITH message AS (
        DELETE FROM messages WHERE low_id = ${id} OR high_id = ${id} RETURNING media_id
      ), carried AS (
        SELECT DISTINCT media_id FROM message WHERE media_id IS NOT NULL
      )
      SELECT id FROM media WHERE id = ANY(ARRAY(SELECT media_id FROM carried)) AND account_id <> ${id}
      ORDER BY id FOR NO KEY UPDATE`
  })

  const releaseMedia = (ids: ReadonlyArray<MediaId>) => sql`
    UPDATE media SET sent = false
    WHERE id = ANY(${int8Array(ids)}) AND NOT EXISTS (SELECT FROM messages WHERE media_id = media.id)`

  // The data is what `BlobRemovedData` encodes to.
  const deleteMedia = (id: AccountId) => sql`
    WITH gone AS (DELETE FROM media WHERE account_id = ${id} RETURNING blob_key)
    INSERT INTO outbox (event_id, destination, type, subject, data, occurred_at, available_at)
    SELECT gen_random_uuid(), 'blobs', 'rookery.blobs.removed', 'blobs/' || blob_key,
      jsonb_build_object('key', blob_key), ${sql.literal(nowInMillis)}, ${sql.literal(nowInMillis)}
    FROM gone`

  return Effect.fnUntraced(function* (id: AccountId) {
    const carried = yield* Effect.catchTag(deleteMessages(id), "SchemaError", Effect.die)
    if (carried.length > 0) yield* releaseMedia(carried.map((media) => media.id))
    yield* deleteMedia(id)
  })
}
