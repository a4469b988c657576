import { coldStart } from "./ColdStart.ts"
import { contact, list, note, search } from "./ContactScenarios.ts"
import { fanOut } from "./FanOut.ts"
import { httpScenario } from "./HttpScenario.ts"
import { memory } from "./Memory.ts"
import { message } from "./Message.ts"
import type { Scenario } from "./Scenario.ts"
import { signIn } from "./SignIn.ts"

/** Those whose answers should take no longer where the tables hold more. */
export const growing: ReadonlyArray<Scenario> = [contact, list, search, note].map(httpScenario)

/** All there are, in the order in which they are played: what leaves more behind comes later. */
export const scenarios: ReadonlyArray<Scenario> = [coldStart, ...growing, memory, signIn, message, fanOut]
