import { assert, it } from "@effect/vitest"
import { RecentTokens } from "../../../src/adapters/jwt/RecentTokens.ts"
import { AccountId } from "../../../src/domain/accounts/Account.ts"
import { SessionId } from "../../../src/domain/accounts/Session.ts"
import type { TokenClaims } from "../../../src/domain/accounts/Tokens.ts"

const claims: TokenClaims = {
  accountId: AccountId.make(1),
  sessionId: SessionId.make("7a1c1f0e-0d0b-4c53-9d59-0f2a3f7b3a51"),
  purpose: "refresh",
  generation: 0
}

it("keeps as many tokens as it may, and forgets the one that was used longest ago", () => {
  const tokens = new RecentTokens(3)
  for (const token of ["a", "b", "c"]) tokens.add(token, claims)
  assert.strictEqual(tokens.get("a"), claims)
  tokens.add("d", claims)
  assert.isUndefined(tokens.get("b"))
  for (const token of ["a", "c", "d"]) assert.strictEqual(tokens.get(token), claims)
  tokens.delete("c")
  assert.isUndefined(tokens.get("c"))
})
