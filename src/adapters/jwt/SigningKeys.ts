import { createHmac } from "node:crypto"
import { type Array, DateTime, Effect, Redacted } from "effect"
import { type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose"
import { InvalidToken } from "../../domain/accounts/Tokens.ts"

/** The one algorithm, whatever a token's header says: neither `none` nor another is ever tried. */
export const algorithm = "HS256"

/** Ours have some 400 characters. What is longer is refused before anything is computed. */
const maximumLength = 4096

export interface TokensOptions {
  /** Of 32 bytes or more each. The first signs, all verify. */
  readonly secrets: Array.NonEmptyReadonlyArray<Redacted.Redacted<string>>
  readonly issuer: string
  readonly audience: string
}

export interface SigningKey {
  readonly id: string
  readonly key: CryptoKey
}

const importKey = Effect.fnUntraced(function* (secret: string) {
  const bytes = new TextEncoder().encode(secret)
  const algorithm = { name: "HMAC", hash: "SHA-256" }
  const key = yield* Effect.promise(() => crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign", "verify"]))
  // Keyed by the secret itself, so that it tells nothing that a token's signature does not tell as well.
  const id = createHmac("sha256", bytes).update("rookery key id").digest().subarray(0, 8).toString("base64url")
  return { id, key } satisfies SigningKey
})

/** What a JWT says that one of the keys has signed, and its `typ`. */
export interface SignedClaims {
  readonly payload: JWTPayload
  readonly type: string | undefined
}

export const importKeys = Effect.fnUntraced(function* ({ audience, issuer, secrets }: TokensOptions) {
  const keys = yield* Effect.forEach(secrets, (secret) => importKey(Redacted.value(secret)))
  const byId = new Map(keys.map(({ id, key }) => [id, key]))

  // Every token of ours names its key: one that names none or another is refused without trying them all.
  const keyOf: JWTVerifyGetKey<CryptoKey> = ({ kid }) => {
    const key = kid === undefined ? undefined : byId.get(kid)
    if (key === undefined) throw new InvalidToken()
    return key
  }

  /** Of our issuer and audience, unaltered, and not past its end, if it has one. */
  const check = Effect.fnUntraced(function* (token: string, now: DateTime.Utc) {
    if (token.length > maximumLength || !isCanonical(token)) return yield* new InvalidToken()
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
    return { payload, type: protectedHeader.typ } satisfies SignedClaims
  })

  return { signing: keys[0], all: keys, check }
})

/**
 * Base64 spells the last bits of a signature in several ways, of which only one is ours: a token altered in its last
 * character is an altered token.
 */
const isCanonical = (token: string) => {
  const signature = token.slice(token.lastIndexOf(".") + 1)
  return Buffer.from(signature, "base64url").toString("base64url") === signature
}
