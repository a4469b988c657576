import { createHash } from "node:crypto"
import { DateTime, Effect, Layer, Redacted, Schema } from "effect"
import { SignJWT } from "jose"
import { AccountId, type PasswordHash } from "../../domain/accounts/Account.ts"
import {
  InvalidLink,
  isGrantFor,
  type LinkGrant,
  type LinkPurpose,
  LinkTokens
} from "../../domain/accounts/LinkTokens.ts"
import { EmailAddress } from "../../domain/shared/EmailAddress.ts"
import { algorithm, importKeys, type TokensOptions } from "./SigningKeys.ts"

/** Another one for each purpose, and none that a session's token has. */
const typeOf = { verification: "verify+jwt", passwordReset: "reset+jwt" } satisfies Record<LinkPurpose, string>

const common = {
  sub: Schema.FiniteFromString.pipe(Schema.decodeTo(AccountId)),
  email: EmailAddress,
  exp: Schema.Finite
}
const Verification = Schema.Struct({ ...common, purpose: Schema.Literal("verification") })
const PasswordReset = Schema.Struct({ ...common, purpose: Schema.Literal("passwordReset"), fpr: Schema.NonEmptyString })
const Payload = Schema.Union([Verification, PasswordReset])

const grantOf = (claims: typeof Payload.Type): LinkGrant => {
  const { email, sub: accountId } = claims
  return claims.purpose === "verification"
    ? { purpose: claims.purpose, accountId, email }
    : { purpose: claims.purpose, accountId, email, fingerprint: claims.fpr }
}

/** JWTs (RFC 7519) signed with HS256, by the keys that sign sessions' tokens. `exp` carries fractions of a second. */
export const LinkTokensJose = (options: TokensOptions) =>
  Layer.effect(
    LinkTokens,
    Effect.gen(function* () {
      const { check, signing } = yield* importKeys(options)

      const sign = Effect.fn("LinkTokens.sign")(function* (grant: LinkGrant, expiresAt: DateTime.Utc) {
        const { accountId, email, purpose } = grant
        const fpr = purpose === "passwordReset" ? { fpr: grant.fingerprint } : undefined
        const token = new SignJWT({ email, purpose, ...fpr })
          .setProtectedHeader({ alg: algorithm, typ: typeOf[purpose], kid: signing.id })
          .setIssuer(options.issuer)
          .setAudience(options.audience)
          .setSubject(String(accountId))
          .setExpirationTime(DateTime.toEpochMillis(expiresAt) / 1000)
        return Redacted.make(yield* Effect.promise(() => token.sign(signing.key)))
      })

      const verify = Effect.fn("LinkTokens.verify")(
        function* <Purpose extends LinkPurpose>(token: string, purpose: Purpose) {
          const now = yield* DateTime.now
          const { payload, type } = yield* check(token, now)
          const claims = yield* Schema.decodeUnknownEffect(Payload)(payload)
          const grant = grantOf(claims)
          const isOver = Math.round(claims.exp * 1000) <= DateTime.toEpochMillis(now)
          if (isOver || type !== typeOf[purpose] || !isGrantFor(grant, purpose)) return yield* new InvalidLink()
          return grant
        },
        Effect.mapError(() => new InvalidLink())
      )

      // A hash holds a random salt, so that nobody without it finds it, or a password, by trying.
      const fingerprint = (hash: PasswordHash) =>
        Effect.sync(() =>
          createHash("sha256").update(`rookery link ${hash}`).digest().subarray(0, 16).toString("base64url")
        )

      return LinkTokens.of({ sign, verify, fingerprint })
    })
  )
