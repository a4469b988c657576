import { createHash, createHmac, randomUUID } from "node:crypto"
import { type Array, DateTime, Effect, Layer, Redacted, Schema } from "effect"
import { type JWTVerifyGetKey, jwtVerify, SignJWT } from "jose"
import { AccountId } from "../../domain/accounts/Account.ts"
import { type Session, SessionId } from "../../domain/accounts/Session.ts"
import { InvalidToken, type TokenClaims, type TokenGrant, TokenPurpose, Tokens } from "../../domain/accounts/Tokens.ts"
import { RecentTokens } from "./RecentTokens.ts"

export interface TokensOptions {
  /** Of 32 bytes or more each. The first signs, all verify. */
  readonly secrets: Array.NonEmptyReadonlyArray<Redacted.Redacted<string>>
  readonly issuer: string
  readonly audience: string
}

/** The one algorithm, whatever a token's header says: neither `none` nor another is ever tried. */
const algorithm = "HS256"

/** Ours have some 400 characters. What is longer is refused before anything is computed. */
const maximumLength = 4096

/** Some 8 MB. A token beyond these costs a signature check again. */
const recentlyVerified = 10_000

/** RFC 9068 names the first; the other keeps a refresh token from being read as anything but one. */
const typeOf = { access: "at+jwt", refresh: "rt+jwt" } satisfies Record<TokenPurpose, string>

const Payload = Schema.Struct({
  sub: Schema.FiniteFromString.pipe(Schema.decodeTo(AccountId)),
  sid: SessionId,
  purpose: TokenPurpose,
  jti: Schema.NonEmptyString,
  exp: Schema.optionalKey(Schema.Finite)
})

/**
 * JWTs (RFC 7519) signed with HS256. `exp` and `iat` carry fractions of a second, as section 2 allows: a token ends when
 * it was said to, not up to a second sooner or later.
 */
export const TokensJose = (options: TokensOptions) =>
  Layer.effect(
    Tokens,
    Effect.gen(function* () {
      const { audience, issuer } = options
      const keys = yield* Effect.forEach(options.secrets, (secret) => importKey(Redacted.value(secret)))
      const signing = keys[0]
      const byId = new Map(keys.map(({ id, key }) => [id, key]))
      const recent = new RecentTokens(recentlyVerified)

      // Every token of ours names its key: one that names none or another is refused without trying them all.
      const keyOf: JWTVerifyGetKey<CryptoKey> = ({ kid }) => {
        const key = kid === undefined ? undefined : byId.get(kid)
        if (key === undefined) throw new InvalidToken()
        return key
      }

      const sign = Effect.fn("Tokens.sign")(function* (session: Session, grant: TokenGrant) {
        const token = new SignJWT({ sid: session.id, purpose: grant.purpose })
          .setProtectedHeader({ alg: algorithm, typ: typeOf[grant.purpose], kid: signing.id })
          .setIssuer(issuer)
          .setAudience(audience)
          .setSubject(String(session.accountId))
          .setJti(randomUUID())
          .setIssuedAt(DateTime.toEpochMillis(yield* DateTime.now) / 1000)
        if (grant.purpose === "access") token.setExpirationTime(DateTime.toEpochMillis(grant.expiresAt) / 1000)
        return Redacted.make(yield* Effect.promise(() => token.sign(signing.key)))
      })

      const check = Effect.fnUntraced(
        function* (token: string, now: DateTime.Utc) {
          if (!isCanonical(token)) return yield* new InvalidToken()
          const { payload, protectedHeader } = yield* Effect.tryPromise({
            try: () =>
              jwtVerify(token, keyOf, {
                algorithms: [algorithm],
                audience,
                issuer,
                currentDate: DateTime.toDateUtc(now),
                clockTolerance: 0
              }),
            catch: () => new InvalidToken()
          })
          const { exp, purpose, sid, sub } = yield* Schema.decodeUnknownEffect(Payload)(payload)
          if (protectedHeader.typ !== typeOf[purpose]) return yield* new InvalidToken()
          if (purpose === "access" && exp === undefined) return yield* new InvalidToken()
          const claims: TokenClaims = {
            accountId: sub,
            sessionId: sid,
            purpose,
            ...(exp === undefined ? {} : { expiresAt: DateTime.makeUnsafe(Math.round(exp * 1000)) })
          }
          if (isOver(claims, now.epochMilliseconds)) return yield* new InvalidToken()
          recent.add(token, claims)
          return claims
        },
        Effect.catchTag("SchemaError", () => Effect.fail(new InvalidToken()))
      )

      const verify = (token: string): Effect.Effect<TokenClaims, InvalidToken> =>
        Effect.clockWith((clock) => {
          if (token.length > maximumLength) return Effect.fail(new InvalidToken())
          const now = clock.currentTimeMillisUnsafe()
          const claims = recent.get(token)
          if (claims === undefined) return check(token, DateTime.makeUnsafe(now))
          if (!isOver(claims, now)) return Effect.succeed(claims)
          recent.delete(token)
          return Effect.fail(new InvalidToken())
        })

      const hash = (token: Redacted.Redacted<string>) =>
        Effect.sync((): Uint8Array => createHash("sha256").update(Redacted.value(token)).digest())

      return Tokens.of({ sign, verify, hash })
    })
  )

const isOver = (claims: TokenClaims, now: number) =>
  claims.expiresAt !== undefined && claims.expiresAt.epochMilliseconds <= now

/**
 * Base64 spells the last bits of a signature in several ways, of which only one is ours: a token altered in its last
 * character is an altered token.
 */
const isCanonical = (token: string) => {
  const signature = token.slice(token.lastIndexOf(".") + 1)
  return Buffer.from(signature, "base64url").toString("base64url") === signature
}

const importKey = Effect.fnUntraced(function* (secret: string) {
  const bytes = new TextEncoder().encode(secret)
  const algorithm = { name: "HMAC", hash: "SHA-256" }
  const key = yield* Effect.promise(() => crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign", "verify"]))
  // Keyed by the secret itself, so that it tells nothing that a token's signature does not tell as well.
  const id = createHmac("sha256", bytes).update("rookery key id").digest().subarray(0, 8).toString("base64url")
  return { id, key }
})
