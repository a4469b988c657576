import { Array as Arr, Effect, Layer, Option, type Redacted } from "effect"
import { SecureRandom } from "effect/crypto"
import { Base64 } from "effect/encoding"
import { PasswordHasherArgon2 } from "./adapters/argon2/PasswordHasherArgon2.ts"
import { PasscodeHasherHmac } from "./adapters/hmac/PasscodeHasherHmac.ts"
import { LinkTokensJose } from "./adapters/jwt/LinkTokensJose.ts"
import { TokensJose } from "./adapters/jwt/TokensJose.ts"
import { MediaProbeMusicMetadata } from "./adapters/musicmetadata/MediaProbeMusicMetadata.ts"
import { AccountRepositoryPostgres } from "./adapters/postgres/accounts/AccountRepositoryPostgres.ts"
import { MailQueuePostgres } from "./adapters/postgres/accounts/MailQueuePostgres.ts"
import { PasscodeRepositoryPostgres } from "./adapters/postgres/accounts/PasscodeRepositoryPostgres.ts"
import { SessionRepositoryPostgres } from "./adapters/postgres/accounts/SessionRepositoryPostgres.ts"
import { SmsQueuePostgres } from "./adapters/postgres/accounts/SmsQueuePostgres.ts"
import { ContactRepositoryPostgres } from "./adapters/postgres/contacts/ContactRepositoryPostgres.ts"
import { NoteRepositoryPostgres } from "./adapters/postgres/contacts/NoteRepositoryPostgres.ts"
import { OutboxPostgres } from "./adapters/postgres/events/OutboxPostgres.ts"
import { NotificationLogPostgres } from "./adapters/postgres/notifications/NotificationLogPostgres.ts"
import { BlobRemovalsPostgres } from "./adapters/postgres/shared/BlobRemovalsPostgres.ts"
import { IdempotencyKeysPostgres } from "./adapters/postgres/shared/IdempotencyKeysPostgres.ts"
import { SecretsPostgres } from "./adapters/postgres/shared/SecretsPostgres.ts"
import { TransactionPostgres } from "./adapters/postgres/shared/TransactionPostgres.ts"
import { FriendshipRepositoryPostgres } from "./adapters/postgres/talk/FriendshipRepositoryPostgres.ts"
import { MediaRepositoryPostgres } from "./adapters/postgres/talk/MediaRepositoryPostgres.ts"
import { MessageRepositoryPostgres } from "./adapters/postgres/talk/MessageRepositoryPostgres.ts"
import { AvatarImagesSharp } from "./adapters/sharp/AvatarImagesSharp.ts"
import { UpstreamHttp } from "./adapters/upstream/UpstreamHttp.ts"
import { PasscodeExpiry } from "./application/accounts/PasscodeExpiry.ts"
import { NoteProcessing } from "./application/contacts/NoteProcessing.ts"
import { EventRelay } from "./application/events/EventRelay.ts"
import { NotificationExpiry } from "./application/notifications/NotificationExpiry.ts"
import { BlobRemoval } from "./application/shared/BlobRemoval.ts"
import { IdempotencyKeyExpiry } from "./application/shared/IdempotencyKeyExpiry.ts"
import { MediaExpiry } from "./application/talk/MediaExpiry.ts"
import { Blobs } from "./Blobs.ts"
import type { Configuration } from "./Configuration.ts"
import { MailRelay } from "./MailRelay.ts"
import { sendsSms, SmsRelay } from "./SmsRelay.ts"
import { backoff } from "./domain/events/Backoff.ts"
import { EventHandover } from "./domain/events/EventHandover.ts"
import { EventRouting } from "./domain/events/EventRouting.ts"
import { OutboxSignal } from "./domain/events/OutboxSignal.ts"
import { Secrets } from "./domain/shared/Secrets.ts"

type Settings = Configuration["Service"]

/** Who issues tokens, and whom they are for: this API. */
const issuer = "rookery"

/** What was not configured is made up once and kept in the database; production does not get here without a value. */
const generatedSecret = Effect.fnUntraced(function* (name: string, prefix = "") {
  const secrets = yield* Secrets
  const random = yield* SecureRandom.SecureRandom
  const generate = Effect.map(random.randomBytes(32), (bytes) => prefix + Base64.encode(bytes))
  return yield* secrets.getOrCreate(name, generate)
})

const Signing = ({ jwtSecrets }: Settings) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const secrets = Option.isSome(jwtSecrets) ? jwtSecrets.value : Arr.of(yield* generatedSecret("jwt"))
      const options = { secrets, issuer, audience: issuer }
      return Layer.mergeAll(TokensJose(options), LinkTokensJose(options), PasscodeHasherHmac({ secrets }))
    })
  )

const SignedUpstream = (url: Redacted.Redacted<string>, { upstreamSecret, upstreamTimeout }: Settings) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const secret = Option.isSome(upstreamSecret) ? upstreamSecret.value : yield* generatedSecret("upstream", "whsec_")
      return UpstreamHttp({ url, secret, timeout: upstreamTimeout })
    })
  )

/** Adapters of the domain's ports, on the infrastructure. */
export const Ports = (settings: Settings) =>
  Layer.mergeAll(
    AccountRepositoryPostgres,
    SessionRepositoryPostgres,
    ContactRepositoryPostgres,
    NoteRepositoryPostgres,
    OutboxPostgres,
    MailQueuePostgres,
    PasscodeRepositoryPostgres,
    SmsQueuePostgres({ available: sendsSms(settings) }),
    BlobRemovalsPostgres,
    IdempotencyKeysPostgres,
    FriendshipRepositoryPostgres,
    MessageRepositoryPostgres,
    MediaRepositoryPostgres,
    MediaProbeMusicMetadata,
    NotificationLogPostgres,
    Blobs(settings),
    AvatarImagesSharp,
    PasswordHasherArgon2,
    Signing(settings)
  ).pipe(
    Layer.provide(SecretsPostgres),
    Layer.provideMerge(
      Layer.mergeAll(TransactionPostgres, OutboxSignal.layer, EventHandover.layer, SecureRandom.layerWebCrypto)
    ),
    Layer.provide(Layer.succeed(EventRouting, { upstream: Option.isSome(settings.upstream) }))
  )

/** What brings committed events to where they go. */
export const Relays = (settings: Settings) =>
  Layer.mergeAll(
    EventRelay({ source: settings.publicUrl }),
    MailRelay(settings),
    SmsRelay(settings),
    PasscodeExpiry,
    NotificationExpiry,
    BlobRemoval,
    MediaExpiry,
    IdempotencyKeyExpiry,
    Option.match(settings.upstream, {
      onNone: () => Layer.empty,
      onSome: (url) =>
        NoteProcessing({
          source: settings.publicUrl,
          maxAttempts: settings.upstreamMaxAttempts,
          backoff: backoff(settings.upstreamBackoff)
        }).pipe(Layer.provide(SignedUpstream(url, settings)), Layer.provide(SecretsPostgres))
    })
  )
