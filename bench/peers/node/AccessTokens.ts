import { createHash, randomUUID } from "node:crypto"
import { createSigner, createVerifier } from "fast-jwt"

/** In seconds. */
const accessLifetime = 900

/** HS256, by fast-jwt with its cache of what it has verified. */
export const makeAccessTokens = (secret: string) => {
  const verify = createVerifier({
    key: secret,
    algorithms: ["HS256"],
    requiredClaims: ["sub", "exp"],
    cache: 10_000
  })
  const signAccess = createSigner({ key: secret, algorithm: "HS256", expiresIn: accessLifetime * 1000 })
  const signRefresh = createSigner({ key: secret, algorithm: "HS256" })

  /** Whose token it is, if it is one. */
  const accountOf = (token: string): number | undefined => {
    try {
      const { sub } = verify(token) as { readonly sub: string }
      const account = Number(sub)
      return Number.isSafeInteger(account) && account > 0 ? account : undefined
    } catch {
      return undefined
    }
  }

  /** Of the value of an `Authorization` header. */
  const bearer = (authorization: string | undefined): number | undefined =>
    authorization !== undefined && authorization.slice(0, 7).toLowerCase() === "bearer "
      ? accountOf(authorization.slice(7).trim())
      : undefined

  /** The tokens of a new session. A refresh token never ends by itself, and so opens nothing else. */
  const issue = (account: number, session: string) => {
    const claims = { sub: String(account), sid: session, iss: "rookery", aud: "rookery" }
    const refresh = signRefresh({ ...claims, purpose: "refresh", gen: 0, jti: `${session}/0` })
    return {
      access: signAccess({ ...claims, purpose: "access", jti: randomUUID() }),
      refresh,
      refreshHash: createHash("sha256").update(refresh).digest(),
      expiresIn: accessLifetime
    }
  }

  return { accountOf, bearer, issue }
}

export type AccessTokens = ReturnType<typeof makeAccessTokens>
