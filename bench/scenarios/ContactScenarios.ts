import { searches } from "../database/Rows.ts"
import { drivenUsers } from "../database/Sizes.ts"
import { bearer, forwardedFor, json } from "../load/HttpRequest.ts"
import { shuffled } from "../Statistics.ts"
import { contactIn, contactsIn, noteIn } from "./Answers.ts"
import type { CheckedRequest, HttpScenario } from "./HttpScenario.ts"
import type { Contender, Stage } from "./Scenario.ts"

/** Enough that hardly one comes twice in a round, little enough to be kept in memory by each who sends them. */
const mostRequests = 20_000

const connections = 32

const pageLength = 20

/** Each contact of each user, in no order: none is asked for again while it is at hand. */
const targets = ({ contacts, sizes }: Stage): ReadonlyArray<readonly [account: number, contact: number]> =>
  shuffled(
    drivenUsers(sizes).flatMap((account) => (contacts.get(account) ?? []).map(({ id }) => [account, id] as const))
  ).slice(0, mostRequests)

/** What goes with every request of a user, who has an address of their own. */
export const from = ({ tokens }: Contender, account: number) => ({
  ...bearer(tokens.get(account) ?? ""),
  ...forwardedFor(account)
})

/** The ids of an account's first contacts, or of the first in whose names a text is. */
const firstIds = ({ contacts }: Stage, account: number, text = "") =>
  (contacts.get(account) ?? [])
    .filter(({ searchText }) => searchText.includes(text.toLowerCase()))
    .slice(0, pageLength)
    .map(({ id }) => id)

const requests =
  (
    make: (account: number, contact: number, turn: number) => Pick<CheckedRequest, "method" | "path" | "body" | "wrong">
  ) =>
  (stage: Stage, contender: Contender): ReadonlyArray<CheckedRequest> =>
    targets(stage).map(([account, contact], turn) => {
      const request = make(account, contact, turn)
      const type = request.body === undefined ? {} : json
      return { ...request, headers: { ...from(contender, account), ...type } }
    })

export const contact: HttpScenario = {
  name: "contact",
  limit: "contact",
  title: "Read one contact",
  connections,
  requests: requests((_, id) => ({ method: "GET", path: `/api/v1/contacts/${id}`, wrong: contactIn(id) }))
}

export const list: HttpScenario = {
  name: "list",
  limit: "list",
  title: "List 20 contacts",
  connections,
  requests: (stage, contender) =>
    requests((account) => ({
      method: "GET",
      path: `/api/v1/contacts?limit=${pageLength}`,
      wrong: contactsIn(firstIds(stage, account))
    }))(stage, contender)
}

export const search: HttpScenario = {
  name: "search",
  title: "Search contacts by name",
  connections,
  requests: (stage, contender) =>
    requests((account, _, turn) => {
      const text = searches[turn % searches.length] ?? ""
      return {
        method: "GET",
        path: `/api/v1/contacts?search=${encodeURIComponent(text)}&limit=${pageLength}`,
        wrong: contactsIn(firstIds(stage, account, text))
      }
    })(stage, contender)
}

export const note: HttpScenario = {
  name: "note",
  limit: "note",
  title: "Create a note, with its event",
  connections,
  events: true,
  requests: requests((_, id, turn) => {
    const body = `Call ${turn}: asked for the price list of next year, and whether the drawings have arrived. Call back.`
    return {
      method: "POST",
      path: `/api/v1/contacts/${id}/notes`,
      body: JSON.stringify({ body }),
      wrong: noteIn(id, body)
    }
  })
}
