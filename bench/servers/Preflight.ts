import { Effect } from "effect"
import { BenchError, wordsOf } from "../BenchError.ts"
import { ask, bearer } from "../load/HttpRequest.ts"
import type { Contender } from "../scenarios/Scenario.ts"

/** No server takes part that lets anybody in, or shows one's contacts to another. */
export const checkDoors = (
  { title, tokens, url }: Contender,
  account: number,
  contactOfAnother: number
): Effect.Effect<void, BenchError> =>
  Effect.tryPromise({
    try: async () => {
      const request = { method: "GET", path: `/api/v1/contacts/${contactOfAnother}` } as const
      const expect = async (status: number, headers: Readonly<Record<string, string>>) => {
        const answer = await ask(url, { ...request, headers })
        if (answer.status !== status) throw new Error(`${title} answered ${answer.status} where ${status} was right`)
      }
      await expect(401, {})
      await expect(401, bearer(`${tokens.get(account) ?? ""}x`))
      await expect(404, bearer(tokens.get(account) ?? ""))
    },
    catch: (error) => new BenchError({ message: wordsOf(error) })
  })
