import { Context, type DateTime, Duration, type Effect, Schema } from "effect"
import type { AccountId, AccountNotFound } from "../accounts/Account.ts"

/** What a client chose so that a request sent twice is acted on once (draft-ietf-httpapi-idempotency-key-header). */
export const IdempotencyKey = Schema.String.check(
  Schema.isPattern(/^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/, {
    message: "must be 1 to 255 printable ASCII characters"
  })
).pipe(Schema.brand("IdempotencyKey"))
export type IdempotencyKey = typeof IdempotencyKey.Type

/** How long a key is remembered after it was first taken. */
export const keyRetention = Duration.hours(24)

/** The first answer, to be given again. */
export const KeptResponse = Schema.Struct({
  status: Schema.Int,
  headers: Schema.Record(Schema.String, Schema.String),
  body: Schema.String
})
export type KeptResponse = typeof KeptResponse.Type

/** A request with that key is being answered right now. */
export class KeyInUse extends Schema.TaggedError<KeyInUse>()("KeyInUse", {
  /** When its lease runs out: it is answered before, or another may take the key. */
  heldUntil: Schema.DateTimeUtc
}) {}

/** Another request has the key by now, or nobody has. */
export class KeyLost extends Schema.TaggedError<KeyLost>()("KeyLost", {}) {}

/** The key came before, with another request. */
export class KeyReused extends Schema.TaggedError<KeyReused>()("KeyReused", {}) {}

export interface KeyedRequest {
  readonly owner: AccountId
  readonly key: IdempotencyKey
  /** The same for the same request: a hash of its method, its path and its body. */
  readonly fingerprint: Uint8Array
}

/**
 * Keys of one account are nobody else's. One that was first taken {@link keyRetention} ago is as if it had never come;
 * so is one whose holder fell silent, whatever the request.
 */
export class IdempotencyKeys extends Context.Service<
  IdempotencyKeys,
  {
    /**
     * Takes the key for `holder` (a UUID) until `lease` runs out, or gives the response that was kept for it. Of several
     * requests at once one takes it. Fails with KeyReused where the key came with another fingerprint, answered or not.
     */
    begin(
      request: KeyedRequest,
      holder: string,
      lease: Duration.Duration,
      now: DateTime.Utc
    ): Effect.Effect<KeptResponse | undefined, KeyInUse | KeyReused | AccountNotFound>
    /**
     * Keeps the response, in the transaction of the change that it tells of. Fails where the holder has the key no more:
     * the change must then be rolled back.
     */
    complete(request: KeyedRequest, holder: string, response: KeptResponse): Effect.Effect<void, KeyLost>
    /** Gives the key back, as if it had never been taken. Does nothing to one that is another's by now, or answered. */
    abandon(request: KeyedRequest, holder: string): Effect.Effect<void>
    deleteCreatedBefore(before: DateTime.Utc): Effect.Effect<void>
  }
>()("rookery/domain/shared/IdempotencyKeys") {}
