import { DateTime, Effect, Layer, Option, Redacted } from "effect"
import { createHash, randomUUID } from "node:crypto"
import {
  InvalidToken,
  type RefreshGrant,
  type TokenClaims,
  type TokenGrant,
  Tokens,
  type TokenSubject
} from "../../domain/accounts/Tokens.ts"

const sha256 = (text: string): Uint8Array => new Uint8Array(createHash("sha256").update(text).digest())

/** Tokens that say nothing: what they stand for is remembered here. Instances that share this layer take each other's. */
export const TokensMemory = Layer.sync(Tokens, () => {
  const signed = new Map<string, TokenClaims>()
  // In the place of a signature.
  const secret = randomUUID()

  const refreshToken = ({ id }: TokenSubject, { generation, issuedAt }: RefreshGrant) =>
    `refresh-${Buffer.from(sha256([secret, id, generation, DateTime.formatIso(issuedAt)].join())).toString("hex")}`

  const sign = (subject: TokenSubject, grant: TokenGrant) =>
    Effect.sync(() => {
      const token =
        grant.purpose === "refresh" ? refreshToken(subject, grant) : `access-${signed.size + 1}-${randomUUID()}`
      signed.set(token, { sessionId: subject.id, accountId: subject.accountId, ...grant })
      return Redacted.make(token)
    })

  const hash = (token: Redacted.Redacted<string>) => Effect.sync(() => sha256(Redacted.value(token)))

  return Tokens.of({
    sign,
    signAgain: (subject, grant, expected) =>
      Effect.sync(() => {
        const token = refreshToken(subject, grant)
        return Buffer.compare(sha256(token), expected) === 0 ? Option.some(Redacted.make(token)) : Option.none()
      }),
    verify: (token) =>
      Effect.flatMap(DateTime.now, (now) => {
        const claims = signed.get(token)
        const isOver = claims?.purpose === "access" && !DateTime.isGreaterThan(claims.expiresAt, now)
        return claims === undefined || isOver ? Effect.fail(new InvalidToken()) : Effect.succeed(claims)
      }),
    hash
  })
})
