import { createHash, randomUUID } from "node:crypto"
import { DateTime, Effect, Layer, Option, Redacted, Schema } from "effect"
import { type JWTPayload, SignJWT } from "jose"
import { AccountId } from "../../domain/accounts/Account.ts"
import { SessionId } from "../../domain/accounts/Session.ts"
import {
  InvalidToken,
  type RefreshGrant,
  type TokenClaims,
  type TokenGrant,
  type TokenPurpose,
  Tokens,
  type TokenSubject
} from "../../domain/accounts/Tokens.ts"
import { RecentTokens } from "./RecentTokens.ts"
import { algorithm, importKeys, type SigningKey, type TokensOptions } from "./SigningKeys.ts"

/** Some 8 MB. A token beyond these costs a signature check again. */
const recentlyVerified = 10_000

/** RFC 9068 names the first; the other keeps a refresh token from being read as anything but one. */
const typeOf = { access: "at+jwt", refresh: "rt+jwt" } satisfies Record<TokenPurpose, string>

const common = {
  sub: Schema.FiniteFromString.pipe(Schema.decodeTo(AccountId)),
  sid: SessionId,
  jti: Schema.NonEmptyString
}

const Payload = Schema.Union([
  Schema.Struct({ ...common, purpose: Schema.Literal("access"), exp: Schema.Finite }),
  Schema.Struct({
    ...common,
    purpose: Schema.Literal("refresh"),
    // Tokens from before there were generations do not say it.
    gen: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)))
  })
])

const claimsOf = (payload: typeof Payload.Type): TokenClaims => {
  const subject = { accountId: payload.sub, sessionId: payload.sid }
  return payload.purpose === "access"
    ? { ...subject, purpose: payload.purpose, expiresAt: DateTime.makeUnsafe(Math.round(payload.exp * 1000)) }
    : { ...subject, purpose: payload.purpose, generation: payload.gen ?? 0 }
}

/** As `exp` and `iat` carry it. */
const seconds = (time: DateTime.Utc) => DateTime.toEpochMillis(time) / 1000

/**
 * JWTs (RFC 7519) signed with HS256. `exp` and `iat` carry fractions of a second, as section 2 allows: a token ends when
 * it was said to, not up to a second sooner or later.
 */
export const TokensJose = (options: TokensOptions) =>
  Layer.effect(
    Tokens,
    Effect.gen(function* () {
      const { audience, issuer } = options
      const { all, check: checkSigned, signing } = yield* importKeys(options)
      const recent = new RecentTokens(recentlyVerified)

      const signBy = (
        key: SigningKey,
        { accountId, id: sid }: TokenSubject,
        purpose: TokenPurpose,
        claims: JWTPayload
      ) => {
        const token = new SignJWT({ sid, purpose, ...claims })
          .setProtectedHeader({ alg: algorithm, typ: typeOf[purpose], kid: key.id })
          .setIssuer(issuer)
          .setAudience(audience)
          .setSubject(String(accountId))
        return Effect.promise(async () => Redacted.make(await token.sign(key.key)))
      }

      // Nothing here may differ from one time to the next: that is how a token is given again without being kept.
      const signRefresh = (key: SigningKey, subject: TokenSubject, { generation, issuedAt }: RefreshGrant) => {
        const jti = `${subject.id}/${generation}`
        return signBy(key, subject, "refresh", { gen: generation, jti, iat: seconds(issuedAt) })
      }

      const sign = Effect.fn("Tokens.sign")(function* (subject: TokenSubject, grant: TokenGrant) {
        if (grant.purpose === "refresh") return yield* signRefresh(signing, subject, grant)
        const [iat, exp] = [seconds(yield* DateTime.now), seconds(grant.expiresAt)]
        return yield* signBy(signing, subject, "access", { jti: randomUUID(), iat, exp })
      })

      const signAgain = Effect.fn("Tokens.signAgain")(function* (
        subject: TokenSubject,
        grant: RefreshGrant,
        expected: Uint8Array
      ) {
        for (const key of all) {
          const token = yield* signRefresh(key, subject, grant)
          if (sha256(token).equals(expected)) return Option.some(token)
        }
        return Option.none()
      })

      const check = Effect.fnUntraced(
        function* (token: string, now: DateTime.Utc) {
          const { payload, type } = yield* checkSigned(token, now)
          const claims = claimsOf(yield* Schema.decodeUnknownEffect(Payload)(payload))
          if (type !== typeOf[claims.purpose]) return yield* new InvalidToken()
          if (isOver(claims, now.epochMilliseconds)) return yield* new InvalidToken()
          recent.add(token, claims)
          return claims
        },
        Effect.catchTag("SchemaError", () => Effect.fail(new InvalidToken()))
      )

      const verify = (token: string): Effect.Effect<TokenClaims, InvalidToken> =>
        Effect.clockWith((clock) => {
          const now = clock.currentTimeMillisUnsafe()
          const claims = recent.get(token)
          if (claims === undefined) return check(token, DateTime.makeUnsafe(now))
          if (!isOver(claims, now)) return Effect.succeed(claims)
          recent.delete(token)
          return Effect.fail(new InvalidToken())
        })

      return Tokens.of({ sign, signAgain, verify, hash: (token) => Effect.sync(() => sha256(token)) })
    })
  )

const isOver = (claims: TokenClaims, now: number) =>
  claims.purpose === "access" && claims.expiresAt.epochMilliseconds <= now

const sha256 = (token: Redacted.Redacted<string>) => createHash("sha256").update(Redacted.value(token)).digest()
