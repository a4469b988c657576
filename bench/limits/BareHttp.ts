import { Effect } from "effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { freePort } from "../Ports.ts"
import { running } from "../Process.ts"
import type { Server } from "../servers/Server.ts"

const row = (id: number) => ({
  id,
  first_name: "Katherine",
  last_name: "Lovelace",
  email: `contact${id}@example.com`,
  phone: "+380671234567",
  company: "Analytical Engines",
  title: "Director of research",
  birthday: "1985-10-14",
  notes: "Met at the conference on Katherine's paper, wants to hear of us again",
  created_at: "2026-02-01T10:00:00.000Z",
  updated_at: "2026-02-01T10:00:00.000Z"
})

const note = {
  id: 100_001,
  contact_id: 1,
  body: "Call 1000: asked for the price list of next year, and whether the drawings have arrived. Call back.",
  created_at: "2026-02-01T10:00:00.000Z",
  updated_at: "2026-02-01T10:00:00.000Z",
  processing: { status: "off", attempts: 0, last_error: null, processed_at: null }
}

/** Rows as the data has them, and as they are answered. */
const answers = {
  contact: JSON.stringify(row(100_000)),
  contacts: JSON.stringify(Array.from({ length: 20 }, (_, index) => row(100_000 + index))),
  note: JSON.stringify(note)
}

/** Nothing but `node:http`: as fast as a server on Node can get. */
export const bareHttp: Server = {
  name: "http",
  title: "node:http alone",
  kind: "limit",
  missing: Effect.undefined,
  launch: Effect.fnUntraced(function* ({ folder }) {
    const port = yield* freePort
    const file = join(folder, "answers.json")
    yield* Effect.sync(() => writeFileSync(file, JSON.stringify(answers)))
    const started = yield* running({
      command: process.execPath,
      args: [join(import.meta.dirname, "bareServer.ts")],
      env: { NODE_ENV: "production", HOST: "127.0.0.1", PORT: String(port), ANSWERS: file }
    })
    return { url: `http://127.0.0.1:${port}`, process: started }
  }),
  tokens: (_world, _url, accounts) => Effect.succeed(new Map(accounts.map((account) => [account, "none"])))
}
