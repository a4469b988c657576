import { LinkTokensMemory } from "../../../src/adapters/memory/LinkTokensMemory.ts"
import { linkTokensContract } from "../../contracts/linkTokensContract.ts"

linkTokensContract("memory", LinkTokensMemory)
