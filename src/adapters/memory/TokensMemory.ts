import { DateTime, Effect, Layer, Redacted } from "effect"
import { createHash, randomUUID } from "node:crypto"
import { InvalidToken, type TokenClaims, Tokens } from "../../domain/accounts/Tokens.ts"

/** Tokens that say nothing: what they stand for is remembered here. Instances that share this layer take each other's. */
export const TokensMemory = Layer.sync(Tokens, () => {
  const signed = new Map<string, TokenClaims>()
  return Tokens.of({
    sign: (session, grant) =>
      Effect.sync(() => {
        const token = `${grant.purpose}-${signed.size + 1}-${randomUUID()}`
        signed.set(token, { sessionId: session.id, accountId: session.accountId, ...grant })
        return Redacted.make(token)
      }),
    verify: (token) =>
      Effect.flatMap(DateTime.now, (now) => {
        const claims = signed.get(token)
        return claims !== undefined && (claims.expiresAt === undefined || DateTime.isGreaterThan(claims.expiresAt, now))
          ? Effect.succeed(claims)
          : Effect.fail(new InvalidToken())
      }),
    hash: (token) => Effect.sync(() => new Uint8Array(createHash("sha256").update(Redacted.value(token)).digest()))
  })
})
