import { password, usernameOf } from "../database/Dataset.ts"
import { drivenUsers } from "../database/Sizes.ts"
import { form, forwardedFor } from "../load/HttpRequest.ts"
import { tokensIn } from "./Answers.ts"
import { httpScenario } from "./HttpScenario.ts"

/** More than are sent before an address may sign in again: a minute has ten for each. */
const requests = 20_000

/** Not those of other requests. */
const firstAddress = 0x100000

/** Argon2 is most of it, and the memory and the processor that this takes are wanted: hence few at once. */
export const signIn = httpScenario({
  name: "sign-in",
  title: "Sign in with a password",
  connections: 8,
  requests: ({ sizes }) => {
    const accounts = drivenUsers(sizes)
    return Array.from({ length: requests }, (_, turn) => ({
      method: "POST",
      path: "/api/v1/auth/login",
      headers: { ...form, ...forwardedFor(firstAddress + turn) },
      body: new URLSearchParams({ username: usernameOf(accounts[turn % accounts.length] ?? 1), password }).toString(),
      wrong: tokensIn
    }))
  }
})
