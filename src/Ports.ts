import { Array as Arr, Effect, Layer, Option, type Redacted } from "effect"
import { SecureRandom } from "effect/crypto"
import { Base64 } from "effect/encoding"
import { PasswordHasherArgon2 } from "./adapters/argon2/PasswordHasherArgon2.ts"
import { TokensJose } from "./adapters/jwt/TokensJose.ts"
import { AccountRepositoryPostgres } from "./adapters/postgres/accounts/AccountRepositoryPostgres.ts"
import { SessionRepositoryPostgres } from "./adapters/postgres/accounts/SessionRepositoryPostgres.ts"
import { ContactRepositoryPostgres } from "./adapters/postgres/contacts/ContactRepositoryPostgres.ts"
import { NoteRepositoryPostgres } from "./adapters/postgres/contacts/NoteRepositoryPostgres.ts"
import { OutboxPostgres } from "./adapters/postgres/events/OutboxPostgres.ts"
import { SecretsPostgres } from "./adapters/postgres/shared/SecretsPostgres.ts"
import { TransactionPostgres } from "./adapters/postgres/shared/TransactionPostgres.ts"
import { UpstreamHttp } from "./adapters/upstream/UpstreamHttp.ts"
import { NoteProcessing } from "./application/contacts/NoteProcessing.ts"
import { EventRelay } from "./application/events/EventRelay.ts"
import type { Configuration } from "./Configuration.ts"
import { backoff } from "./domain/events/Backoff.ts"
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
      return TokensJose({ secrets, issuer, audience: issuer })
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
    TransactionPostgres,
    PasswordHasherArgon2,
    OutboxSignal.layer,
    Signing(settings)
  ).pipe(
    Layer.provide(SecretsPostgres),
    Layer.provideMerge(SecureRandom.layerWebCrypto),
    Layer.provide(Layer.succeed(EventRouting, { upstream: Option.isSome(settings.upstream) }))
  )

/** What brings committed events to where they go. */
export const Relays = (settings: Settings) =>
  Layer.merge(
    EventRelay({ source: settings.publicUrl }),
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
