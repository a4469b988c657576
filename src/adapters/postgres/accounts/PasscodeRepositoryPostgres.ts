import { type DateTime, Effect, Layer, Option, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import { PasscodePurpose, PasscodeRequestId } from "../../../domain/accounts/Passcode.ts"
import {
  type IssuedPasscode,
  type KeptPasscode,
  type PasscodeRequest,
  PasscodeRepository
} from "../../../domain/accounts/PasscodeRepository.ts"
import { PhoneDigits } from "../../../domain/shared/PhoneNumber.ts"

// timestamptz arrives from the driver as a Date.
const Time = Schema.DateTimeUtcFromDate

const Moment = Schema.Struct({ phone: PhoneDigits, now: Time })
const Request = Schema.Struct({
  ...Moment.fields,
  id: PasscodeRequestId,
  purpose: PasscodePurpose,
  owedUntil: Time
})
const Issue = Schema.Struct({ ...Moment.fields, id: PasscodeRequestId, hash: Schema.Uint8Array, expiresAt: Time })
const Try = Schema.Struct({ ...Moment.fields, since: Time })
const Found = Schema.Struct({ phoneNumber: PhoneDigits })
const Row = Schema.Struct({
  purpose: Schema.NullOr(PasscodePurpose),
  hash: Schema.NullOr(Schema.Uint8Array),
  expiresAt: Schema.NullOr(Time),
  wrongTries: Schema.Array(Time)
})

const kept = ({ expiresAt, hash, purpose, wrongTries }: typeof Row.Type): KeptPasscode => ({
  code: hash === null || expiresAt === null || purpose === null ? null : { hash, expiresAt, purpose },
  wrongTries
})

export const PasscodeRepositoryPostgres = Layer.effect(
  PasscodeRepository,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const upsertRequest = SqlSchema.void({
      Request,
      execute: ({ id, now, owedUntil, phone, purpose }) => sql`
        INSERT INTO passcodes (phone_number, request_id, purpose, owed_until, used_at)
        VALUES (${phone}, ${id}, ${purpose}, ${owedUntil}, ${now})
        ON CONFLICT (phone_number) DO UPDATE SET request_id = excluded.request_id, purpose = excluded.purpose,
          owed_until = excluded.owed_until, used_at = excluded.used_at, hash = NULL, expires_at = NULL`
    })

    const updateHash = SqlSchema.findOneOption({
      Request: Issue,
      Result: Found,
      execute: ({ expiresAt, hash, id, now, phone }) => sql`
        UPDATE passcodes SET hash = ${hash}, expires_at = ${expiresAt}, used_at = ${now}
        WHERE phone_number = ${phone} AND request_id = ${id} AND owed_until > ${now} RETURNING phone_number`
    })

    // Whoever comes second waits for the first to commit, and then sees what that one wrote.
    const lockRow = SqlSchema.findOne({
      Request: Moment,
      Result: Row,
      execute: ({ now, phone }) => sql`
        INSERT INTO passcodes (phone_number, used_at) VALUES (${phone}, ${now})
        ON CONFLICT (phone_number) DO UPDATE SET used_at = excluded.used_at
        RETURNING purpose, hash, expires_at, wrong_tries`
    })

    const appendTry = SqlSchema.void({
      Request: Try,
      execute: ({ now, phone, since }) => sql`
        UPDATE passcodes SET used_at = ${now}, wrong_tries =
          ARRAY(SELECT at FROM unnest(wrong_tries) AS at WHERE at > ${since} ORDER BY at) || ${now}::timestamptz(3)
        WHERE phone_number = ${phone}`
    })

    const clearRow = SqlSchema.void({
      Request: PhoneDigits,
      execute: (phone) => sql`
        UPDATE passcodes SET request_id = NULL, hash = NULL, expires_at = NULL, wrong_tries = '{}'
        WHERE phone_number = ${phone}`
    })

    const deleteRows = SqlSchema.void({
      Request: Time,
      execute: (before) => sql`DELETE FROM passcodes WHERE used_at < ${before}`
    })

    return PasscodeRepository.of({
      request: Effect.fn("PasscodeRepository.request")(
        (phone: PhoneDigits, request: PasscodeRequest, now: DateTime.Utc) =>
          Effect.orDie(upsertRequest({ ...request, phone, now }))
      ),
      issue: Effect.fn("PasscodeRepository.issue")(
        (phone: PhoneDigits, id: PasscodeRequestId, code: IssuedPasscode, now: DateTime.Utc) =>
          updateHash({ ...code, phone, id, now }).pipe(Effect.map(Option.isSome), Effect.orDie)
      ),
      lock: Effect.fn("PasscodeRepository.lock")((phone: PhoneDigits, now: DateTime.Utc) =>
        lockRow({ phone, now }).pipe(Effect.map(kept), Effect.orDie)
      ),
      addWrongTry: Effect.fn("PasscodeRepository.addWrongTry")(
        (phone: PhoneDigits, now: DateTime.Utc, since: DateTime.Utc) => Effect.orDie(appendTry({ phone, now, since }))
      ),
      use: Effect.fn("PasscodeRepository.use")((phone: PhoneDigits) => Effect.orDie(clearRow(phone))),
      deleteUnusedSince: Effect.fn("PasscodeRepository.deleteUnusedSince")((before: DateTime.Utc) =>
        Effect.orDie(deleteRows(before))
      )
    })
  })
)
