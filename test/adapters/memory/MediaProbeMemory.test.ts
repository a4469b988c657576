import { MediaProbeMemory } from "../../../src/adapters/memory/MediaProbeMemory.ts"
import { mediaProbeContract } from "../../contracts/mediaProbeContract.ts"

mediaProbeContract("memory", MediaProbeMemory)
