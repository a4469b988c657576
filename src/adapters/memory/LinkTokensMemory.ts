import { DateTime, Effect, Layer, Redacted } from "effect"
import { createHash, randomUUID } from "node:crypto"
import { InvalidLink, isGrantFor, type LinkGrant, LinkTokens } from "../../domain/accounts/LinkTokens.ts"

interface Link {
  readonly grant: LinkGrant
  readonly expiresAt: DateTime.Utc
}

/** Tokens that say nothing: what they stand for is remembered here. Instances that share this layer take each other's. */
export const LinkTokensMemory = Layer.sync(LinkTokens, () => {
  const signed = new Map<string, Link>()
  return LinkTokens.of({
    sign: (grant, expiresAt) =>
      Effect.sync(() => {
        const token = `${grant.purpose}-${signed.size + 1}-${randomUUID()}`
        signed.set(token, { grant, expiresAt })
        return Redacted.make(token)
      }),
    verify: (token, purpose) =>
      Effect.flatMap(DateTime.now, (now) => {
        const link = signed.get(token)
        return link !== undefined && isGrantFor(link.grant, purpose) && DateTime.isGreaterThan(link.expiresAt, now)
          ? Effect.succeed(link.grant)
          : Effect.fail(new InvalidLink())
      }),
    fingerprint: (hash) => Effect.sync(() => createHash("sha256").update(hash).digest("hex"))
  })
})
