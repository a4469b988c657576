import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { execFile } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { database, type DatabaseOptions, migrate } from "../../../src/adapters/postgres/Database.ts"
import { MailQueuePostgres } from "../../../src/adapters/postgres/accounts/MailQueuePostgres.ts"
import { migrations } from "../../../src/adapters/postgres/migrations/Migrations.ts"
import { MailQueue } from "../../../src/domain/accounts/MailQueue.ts"
import { EmailAddress } from "../../../src/domain/shared/EmailAddress.ts"
import { describeWith, freshDatabase, postgresUrl } from "../../support/Services.ts"

const root = join(import.meta.dirname, "../../..")

/** Runs the script with that environment and nothing of this one's, in a folder without an `.env`. */
const script = (env: Record<string, string>, ...args: ReadonlyArray<string>) =>
  Effect.promise(
    () =>
      new Promise<{ readonly code: number; readonly out: string }>((resolve) => {
        const path = { PATH: process.env["PATH"] ?? "" }
        execFile(
          process.execPath,
          [join(root, "scripts/dead-letters.ts"), ...args],
          { env: { ...path, ...env }, cwd: tmpdir() },
          (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), out: stdout + stderr })
        )
      })
  )

const bury = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const eventId = "6274d156-a384-42c7-8323-0bae092c743e"
  for (const note of [1, 2, 3]) {
    yield* sql`INSERT INTO outbox (event_id, destination, type, subject, data, attempts, last_error, died_at) VALUES
      (${eventId}, 'upstream', 'rookery.notes.created', ${`contacts/1/notes/${note}`}, '{"id": 1}', 12, 'answered 503', now())`
  }
})

const buryMail = Effect.gen(function* () {
  const [sql, queue] = [yield* SqlClient.SqlClient, yield* MailQueue]
  yield* queue.enqueue({ _tag: "PasswordReset", to: EmailAddress.make("ada@example.com") })
  yield* sql`UPDATE outbox SET attempts = 1, last_error = 'answered 550 to RCPT TO', died_at = now()
    WHERE destination = 'mail'`
}).pipe(Effect.provide(MailQueuePostgres))

const pending = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{
    readonly id: number
  }>`SELECT id FROM outbox WHERE died_at IS NULL AND attempts = 0 ORDER BY id`
  return rows.map((row) => row.id)
})

const story = Effect.fnUntraced(function* (env: Record<string, string>) {
  assert.deepStrictEqual(yield* script(env, "list"), { code: 0, out: "No dead letters.\n" })
  yield* bury
  yield* buryMail
  const listed = yield* script(env, "list", "--limit", "2")
  const [mail = "", ofMail, note = "", ofNote, ...more] = listed.out.trimEnd().split("\n")
  assert.match(mail, /^4 {2}mail {2}rookery\.mails\.password_reset {2}mails\//)
  assert.match(ofMail ?? "", /after 1 try: answered 550 to RCPT TO$/)
  assert.match(note, /^3 {2}upstream {2}rookery\.notes\.created {2}contacts\/1\/notes\/3 /)
  assert.match(ofNote ?? "", /after 12 tries: answered 503$/)
  assert.deepStrictEqual(more, [])
  // Which kind of mail, and not whose.
  assert.notInclude(listed.out, "ada")
  assert.deepStrictEqual(yield* script(env, "resend", "2", "99"), { code: 0, out: "1 event on the way again.\n" })
  assert.deepStrictEqual(yield* pending, [2])
  assert.deepStrictEqual(yield* script(env, "resend", "2"), { code: 1, out: "None of these is a dead letter\n" })
  assert.deepStrictEqual(yield* script(env, "resend", "--all"), { code: 0, out: "3 events on the way again.\n" })
  assert.deepStrictEqual(yield* pending, [1, 2, 3, 4])
})

const running = (options: DatabaseOptions) => migrate(migrations).pipe(Layer.provideMerge(database(options)))

describe("scripts/dead-letters.ts", () => {
  it.live(
    "works beside a server on the embedded database",
    () =>
      Effect.gen(function* () {
        const dataDir = yield* Effect.acquireRelease(
          Effect.promise(() => mkdtemp(join(tmpdir(), "rookery-"))),
          (dir) => Effect.promise(() => rm(dir, { recursive: true, force: true }))
        )
        yield* Effect.provide(story({ DATA_DIR: dataDir }), running({ _tag: "Embedded", dataDir }))
      }),
    60_000
  )

  describeWith(postgresUrl)("on a server", () => {
    it.live(
      "works on a PostgreSQL server",
      () =>
        Effect.gen(function* () {
          const url = yield* freshDatabase()
          const options = { _tag: "Server", url, maxConnections: 2 } as const
          yield* Effect.provide(story({ DATABASE_URL: Redacted.value(url) }), running(options))
        }),
      60_000
    )
  })

  it.live("says in one line what is wrong, and touches nothing", () =>
    Effect.gen(function* () {
      const env = { DATA_DIR: join(tmpdir(), "rookery-that-never-was") }
      const neither = yield* script(env, "resend")
      assert.deepStrictEqual(neither, { code: 1, out: "resend wants the ids of dead letters, or --all\n" })
      const both = yield* script(env, "resend", "--all", "7")
      assert.deepStrictEqual(both, { code: 1, out: "resend wants the ids of dead letters, or --all\n" })
      const nowhere = yield* script(env, "list")
      assert.strictEqual(nowhere.code, 1)
      assert.match(nowhere.out, /^There is no database in DATA_DIR .*\n$/)
      assert.strictEqual((yield* script(env, "list", "--limit", "0")).code, 1)
    })
  )
})
