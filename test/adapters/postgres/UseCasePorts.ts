import { Layer } from "effect"
import { SecureRandom } from "effect/crypto"
import { LinkTokensMemory } from "../../../src/adapters/memory/LinkTokensMemory.ts"
import { NotifierMemory } from "../../../src/adapters/memory/NotifierMemory.ts"
import { PasswordHasherMemory } from "../../../src/adapters/memory/PasswordHasherMemory.ts"
import { RateLimitsMemory } from "../../../src/adapters/memory/RateLimitsMemory.ts"
import { RevocationsMemory } from "../../../src/adapters/memory/RevocationsMemory.ts"
import { TokensMemory } from "../../../src/adapters/memory/TokensMemory.ts"
import type { serverDatabase } from "../../support/TestDatabase.ts"
import { repositoriesOn } from "./RepositoriesOn.ts"

/** What use cases run on whose races are looked at: transactions beside each other, unlike those in memory. */
export const portsOn = (database: ReturnType<typeof serverDatabase>) =>
  Layer.mergeAll(
    repositoriesOn(database)(true),
    PasswordHasherMemory,
    TokensMemory,
    LinkTokensMemory,
    NotifierMemory.pipe(Layer.provideMerge(RevocationsMemory)),
    RateLimitsMemory({ requestsPerMinute: 0 }),
    SecureRandom.layerWebCrypto
  )
