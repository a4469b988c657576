import { Effect } from "effect"
import { shuffled } from "../Statistics.ts"
import { contact, list, note } from "./ContactScenarios.ts"
import { httpEntrant, type HttpScenario } from "./HttpScenario.ts"
import type { Scenario } from "./Scenario.ts"

/** Contacts, lists and notes in turn. */
const mixed: HttpScenario = {
  ...contact,
  events: true,
  requests: (stage, contender) =>
    shuffled([contact, list, note].flatMap(({ requests }) => requests(stage, contender).slice(0, 5000)))
}

/** What a server has resident before its first request, and at most while it is asked for a mix of things. */
export const memory: Scenario = {
  name: "memory",
  title: "Memory, idle and under a mix of requests",
  metrics: [
    { name: "load", title: "MB under load", better: "lower", digits: 0 },
    { name: "idle", title: "MB idle", better: "lower", digits: 0 }
  ],
  entrants: (stage) =>
    Effect.forEach(
      stage.contenders.filter(({ kind }) => kind !== "limit"),
      Effect.fnUntraced(function* (contender) {
        const entrant = yield* httpEntrant(mixed, stage, contender)
        const { idleMegabytes } = contender
        const round = (number: number) =>
          Effect.map(entrant.round(number), ({ memory }) => ({
            ...(memory === undefined ? {} : { load: memory }),
            ...(idleMegabytes === undefined ? {} : { idle: idleMegabytes })
          }))
        return { ...entrant, round }
      })
    )
}
