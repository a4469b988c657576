import { type DateTime, Effect, Layer, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import { AccountId } from "../../../domain/accounts/Account.ts"
import { Media, MediaId, MediaNotFound } from "../../../domain/talk/Media.ts"
import { MediaRepository, type NewMedia } from "../../../domain/talk/MediaRepository.ts"

const { createdAt: _, duration: __, id: ___, ...plain } = Media.fields

// timestamptz arrives from the driver as a Date.
const MediaRow = Schema.Struct({
  ...plain,
  id: MediaId,
  duration: Schema.NullOr(Schema.DurationFromMillis),
  createdAt: Schema.DateTimeUtcFromDate
})

const mediaColumns = `media.id, media.account_id AS uploader, media.kind, content_type, blob_key, size,
  duration_ms AS duration, media.created_at`

const mediaNotFound = {
  NoSuchElementError: () => Effect.fail(new MediaNotFound()),
  SchemaError: Effect.die,
  SqlError: Effect.die
}

export const MediaRepositoryPostgres = Layer.effect(
  MediaRepository,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const columns = sql.literal(mediaColumns)

    const insertRow = SqlSchema.findOne({
      Request: Schema.Struct({
        ...plain,
        duration: Schema.NullOr(Schema.DurationFromMillis),
        now: Schema.DateTimeUtcFromDate
      }),
      Result: MediaRow,
      execute: ({ blobKey, contentType, duration, kind, now, size, uploader }) => sql`
        INSERT INTO media (account_id, kind, content_type, blob_key, size, duration_ms, created_at)
        VALUES (${uploader}, ${kind}, ${contentType}, ${blobKey}, ${size}, ${duration}, ${now})
        RETURNING ${columns}`
    })

    const selectVisible = SqlSchema.findOne({
      Request: Schema.Struct({ reader: AccountId, id: MediaId }),
      Result: MediaRow,
      execute: ({ id, reader }) => sql`SELECT ${columns} FROM media
        WHERE id = ${id} AND (account_id = ${reader} OR EXISTS (
          SELECT FROM messages WHERE media_id = media.id AND receiver_id = ${reader}
        ))`
    })

    const updateSent = SqlSchema.findOne({
      Request: Schema.Struct({ uploader: AccountId, id: MediaId }),
      Result: MediaRow,
      execute: ({ id, uploader }) => sql`UPDATE media SET sent = true
        WHERE id = ${id} AND account_id = ${uploader} RETURNING ${columns}`
    })

    const selectUnsent = SqlSchema.findOne({
      Request: Schema.Struct({ uploader: AccountId, since: Schema.DateTimeUtcFromDate }),
      Result: Schema.Struct({ unsent: Schema.Int }),
      execute: ({ since, uploader }) => sql`SELECT count(*) AS unsent FROM media
        WHERE account_id = ${uploader} AND created_at >= ${since} AND NOT sent`
    })

    // Waits for nobody: what somebody is about to send is not unsent. Several instances may do this at once.
    const deleteRows = SqlSchema.findAll({
      Request: Schema.Struct({ before: Schema.DateTimeUtcFromDate, limit: Schema.Int }),
      Result: MediaRow,
      execute: ({ before, limit }) => sql`
        WITH unsent AS (
          SELECT id FROM media WHERE NOT sent AND created_at < ${before}
          ORDER BY created_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
        )
        DELETE FROM media WHERE id = ANY(ARRAY(SELECT id FROM unsent)) RETURNING ${columns}`
    })

    const insert = Effect.fn("MediaRepository.insert")((media: NewMedia, now: DateTime.Utc) =>
      insertRow({ ...media, now }).pipe(
        Effect.map((row) => new Media(row)),
        Effect.orDie
      )
    )

    const findVisible = Effect.fn("MediaRepository.findVisible")((reader: AccountId, id: MediaId) =>
      selectVisible({ reader, id }).pipe(
        Effect.map((row) => new Media(row)),
        Effect.catchTags(mediaNotFound)
      )
    )

    const keepSent = Effect.fn("MediaRepository.keepSent")((uploader: AccountId, id: MediaId) =>
      updateSent({ uploader, id }).pipe(
        Effect.map((row) => new Media(row)),
        Effect.catchTags(mediaNotFound)
      )
    )

    const countUnsent = Effect.fn("MediaRepository.countUnsent")((uploader: AccountId, since: DateTime.Utc) =>
      selectUnsent({ uploader, since }).pipe(
        Effect.map(({ unsent }) => unsent),
        Effect.orDie
      )
    )

    const deleteUnsent = Effect.fn("MediaRepository.deleteUnsent")((before: DateTime.Utc, limit: number) =>
      deleteRows({ before, limit }).pipe(
        Effect.map((rows) => rows.map((row) => new Media(row))),
        Effect.orDie
      )
    )

    return MediaRepository.of({ insert, findVisible, keepSent, countUnsent, deleteUnsent })
  })
)
