import { Effect, Schema } from "effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { assert, beforeAll, it } from "vitest"
import { describeWithNatsServer, natsServer } from "../adapters/nats/NatsServer.ts"
import type { User } from "../support/ApiClient.ts"
import { launch, root } from "../support/RookeryServer.ts"
import { natsUrl } from "../support/Services.ts"
import { eventually } from "./Eventually.ts"
import { type NoteStream, noteStream, type Published } from "./NoteStream.ts"
import { type NoteUpstream, noteUpstream } from "./NoteUpstream.ts"
import { embedded, type Environment, type LiveRookery, natsVariables, onEach, server } from "./Suites.ts"

let upstream: NoteUpstream
let stream: NoteStream

const source = "https://rookery.example.com"

const listening = (environment: Environment, nats: Environment["variables"] = natsVariables): Environment => ({
  name: environment === embedded ? "embedded Postgres with NATS" : environment.name,
  needs: [...environment.needs, natsUrl],
  variables: Effect.gen(function* () {
    const variables = { ...(yield* environment.variables), ...(yield* nats) }
    upstream = yield* noteUpstream
    stream = yield* noteStream(variables.NATS_URL ?? "", variables.NATS_SUBJECT_PREFIX ?? "")
    return { ...variables, PUBLIC_URL: source, ...upstream.variables }
  })
})

const Stored = Schema.Struct({ id: Schema.Int })
const Note = Schema.Struct({ id: Schema.Int, body: Schema.String, created_at: Schema.String })

const subjectOf = (contact: number, note: number) => `contacts/${contact}/notes/${note}`
const ofSubject = (events: ReadonlyArray<Published>, subject: string) =>
  events.filter(({ event }) => event.subject === subject)
/** What a stream tells of one note, in short. */
const story = (events: ReadonlyArray<Published>, contact: number, note: number) =>
  ofSubject(events, subjectOf(contact, note)).map(({ event }) =>
    [event.type.replace("rookery.notes.", ""), event.data?.body ?? ""].join(" ").trim()
  )

const rewrite = async ({ api }: LiveRookery, { token }: User, contact: number, note: number, body: string) => {
  const { status } = await api.put(`/contacts/${contact}/notes/${note}`, { body }, { token })
  assert.strictEqual(status, 200)
}
const remove = async ({ api }: LiveRookery, { token }: User, path: string) => {
  const { status } = await api.delete(path, { token })
  assert.strictEqual(status, 200)
}

/** However busy the machine is. */
const soon = <A>(assertion: () => Promise<A> | A) => eventually(assertion, 10_000)

/** Nothing is under way any more; dead letters stay. */
const allSent = (rookery: LiveRookery, within = 10_000) =>
  eventually(
    async () => {
      const left = await rookery.query("SELECT destination, type, subject, attempts FROM outbox WHERE died_at IS NULL")
      assert.deepStrictEqual(left, [])
    },
    within,
    50
  )

onEach(
  "note events",
  (rookery) => {
    const { api } = rookery
    let user: User
    let contact: number
    beforeAll(async () => {
      user = await api.signUp()
      contact = await api.contact(user)
    })

    const deadLetters = async (...args: ReadonlyArray<string>) => {
      const env = { ...rookery.variables }
      const { ended, output } = launch("scripts/dead-letters.ts", args, { dataDir: rookery.folder, env })
      return { code: await ended, output: output() }
    }

    /** As an operator types it in the project's folder: there it must be told which database, or it finds another's. */
    const npm = async (...args: ReadonlyArray<string>) => {
      const { HOME, PATH } = process.env
      const child = spawn("npm", ["run", "--silent", "dead-letters", "--", ...args], {
        cwd: root,
        env: { HOME, PATH, ...rookery.variables },
        stdio: ["ignore", "pipe", "ignore"]
      })
      let output = ""
      child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text))
      const [code] = (await once(child, "close")) as [number | null]
      return { code, output }
    }

    it("reach JetStream as CloudEvents under their own ids, and the upstream signed", async () => {
      const { body } = await api.post(`/contacts/${contact}/notes`, { body: "Grüße 🐦" }, { token: user.token })
      const note = Schema.decodeUnknownSync(Note)(body)
      await rewrite(rookery, user, contact, note.id, "Rewritten")
      await remove(rookery, user, `/contacts/${contact}/notes/${note.id}`)
      await allSent(rookery)
      const events = ofSubject(await stream.all(), subjectOf(contact, note.id))
      assert.deepStrictEqual(
        events.map(({ event }) => event.type),
        ["rookery.notes.created", "rookery.notes.updated", "rookery.notes.deleted"]
      )
      const prefix = rookery.variables.NATS_SUBJECT_PREFIX
      for (const { event, messageId, subject } of events) {
        assert.strictEqual(subject, event.type.replace("rookery", prefix ?? ""))
        assert.strictEqual(messageId, event.id)
        assert.strictEqual(event.source, source)
        assert.strictEqual(event.datacontenttype, "application/json")
        assert.closeTo(Date.parse(event.time ?? ""), Date.now(), 60_000)
      }
      const [created, updated, deleted] = events.map(({ event }) => event.data)
      const known = { id: note.id, contact_id: contact, user_id: user.id, created_at: note.created_at }
      assert.deepStrictEqual(created, { ...known, body: "Grüße 🐦", updated_at: note.created_at })
      assert.deepInclude(updated, { ...known, body: "Rewritten" })
      assert.deepStrictEqual(deleted, { ...known, updated_at: updated?.updated_at ?? "" })
      // The same events to the letter, but for the deletion.
      const told = upstream.toldOf(note.id)
      assert.deepStrictEqual(
        told.map(({ body }) => body),
        events.slice(0, 2).map(({ text }) => text)
      )
      assert.deepStrictEqual(
        told.map(({ headers }) => headers["webhook-id"]),
        events.slice(0, 2).map(({ messageId }) => messageId)
      )
    })

    it("are in order for each note, however many are written at once", async () => {
      const expected = ["created 0", ...Array.from({ length: 8 }, (_, at) => `updated ${at + 1}`), "deleted"]
      const notes = await Promise.all(
        Array.from({ length: 10 }, async () => {
          const note = await api.note(user, contact, "0")
          for (let version = 1; version <= 8; version++) await rewrite(rookery, user, contact, note, String(version))
          await remove(rookery, user, `/contacts/${contact}/notes/${note}`)
          return note
        })
      )
      await allSent(rookery)
      const events = await stream.all()
      for (const note of notes) {
        assert.deepStrictEqual(story(events, contact, note), expected)
        const bodies = upstream.toldOf(note).map(({ event }) => event.data?.body)
        assert.deepStrictEqual(bodies, ["0", "1", "2", "3", "4", "5", "6", "7", "8"])
      }
    })

    it("tell of each note that goes with its contact, and of no other", async () => {
      const [going, staying] = [await api.contact(user), await api.contact(user)]
      const gone = await Promise.all(["a", "b", "c"].map((body) => api.note(user, going, body)))
      const stayed = await api.note(user, staying, "d")
      await remove(rookery, user, `/contacts/${going}`)
      await allSent(rookery)
      const events = await stream.all()
      for (const [at, note] of gone.entries()) {
        assert.deepStrictEqual(story(events, going, note), [`created ${["a", "b", "c"][at]}`, "deleted"])
      }
      assert.deepStrictEqual(story(events, staying, stayed), ["created d"])
    })

    it("come again to an upstream that fails, until it takes them", async () => {
      const note = await api.note(user, contact, "503 for 2")
      await rewrite(rookery, user, contact, note, "and then")
      await allSent(rookery)
      const told = upstream.toldOf(note)
      assert.deepStrictEqual(
        told.map(({ event }) => event.data?.body),
        ["503 for 2", "503 for 2", "503 for 2", "and then"]
      )
      assert.lengthOf(new Set(told.slice(0, 3).map(({ headers }) => headers["webhook-id"])), 1)
      assert.lengthOf(new Set(told.slice(0, 3).map(({ body }) => body)), 1)
    })

    it("of one note wait for no other that the upstream is slow with", async () => {
      const slow = await api.note(user, contact, "hang for 1")
      await soon(() => assert.strictEqual(upstream.hanging(), 1))
      await rewrite(rookery, user, contact, slow, "after that")
      const others = await Promise.all(["x", "y", "z"].map((body) => api.note(user, contact, body)))
      await soon(() => others.forEach((note) => assert.lengthOf(upstream.toldOf(note), 1)))
      assert.strictEqual(upstream.hanging(), 1)
      assert.lengthOf(upstream.toldOf(slow), 1)
      upstream.hangUp()
      // It is tried again before what came later of the same note.
      await allSent(rookery)
      const told = upstream.toldOf(slow).map(({ event }) => event.data?.body)
      assert.deepStrictEqual(told, ["hang for 1", "hang for 1", "after that"])
    })

    it("that the upstream refuses are dead letters, which are listed and sent again", async () => {
      const refused = await api.note(user, contact, "422 for 99")
      const failed = await api.note(user, contact, "503 for 99")
      await allSent(rookery)
      assert.lengthOf(upstream.toldOf(refused), 1, "a refusal is final")
      assert.lengthOf(upstream.toldOf(failed), 5)
      const { code, output } = await deadLetters("list")
      assert.strictEqual(code, 0, output)
      const [late, early] = [failed, refused].map((note) => subjectOf(contact, note))
      const listed = new RegExp(
        `^\\d+  upstream  rookery.notes.created  ${late}  \\S+\\n    given up \\S+ after 5 tries: answered 503\\n` +
          `(\\d+)  upstream  rookery.notes.created  ${early}  (\\S+)\\n    given up \\S+ after 1 try: answered 422\\n$`
      ).exec(output)
      assert.isNotNull(listed, output)
      const [, id = "", eventId] = listed ?? []
      assert.strictEqual(upstream.toldOf(refused)[0]?.event.id, eventId)

      upstream.mend()
      assert.deepStrictEqual(await deadLetters("resend", id), { code: 0, output: "1 event on the way again.\n" })
      await soon(() => assert.lengthOf(upstream.toldOf(refused), 2))
      assert.lengthOf(upstream.toldOf(failed), 5)
      const resend = rookery.variables.DATABASE_URL === undefined ? deadLetters : npm
      assert.deepStrictEqual(await resend("resend", "--all"), { code: 0, output: "1 event on the way again.\n" })
      await soon(() => assert.lengthOf(upstream.toldOf(failed), 6))
      await allSent(rookery)
      assert.deepStrictEqual(await rookery.query("SELECT id FROM outbox"), [])
    }, 60_000)
  },
  { only: [listening(embedded), listening(server)] }
)

let nats: Effect.Success<typeof natsServer>

/** With a NATS of its own, that can be killed. */
const killable = (environment: Environment) =>
  listening(
    environment,
    Effect.gen(function* () {
      nats = yield* natsServer
      yield* nats.start()
      return { NATS_URL: nats.url, NATS_SUBJECT_PREFIX: "rookery" }
    })
  )

const killNats = async ({ api }: LiveRookery) => {
  await Effect.runPromise(nats.stop)
  await soon(async () => assert.strictEqual((await api.get("/ready")).status, 503))
}
const startNats = () => Effect.runPromise(nats.start())

const killRookery = async ({ server }: LiveRookery) => {
  server.process.kill("SIGKILL")
  assert.strictEqual(await server.ended, "SIGKILL")
}

describeWithNatsServer("with a NATS that can be killed", () => {
  onEach(
    "note events",
    (rookery) => {
      const { api } = rookery
      let user: User
      let contact: number
      beforeAll(async () => {
        user = await api.signUp()
        contact = await api.contact(user)
      })

      it("wait for NATS while it is away, and requests do not", async () => {
        const before = await api.note(user, contact, "before")
        await allSent(rookery)
        await killNats(rookery)
        await rewrite(rookery, user, contact, before, "meanwhile")
        const notes = await Promise.all(Array.from({ length: 20 }, () => api.note(user, contact, "0")))
        for (const note of notes) {
          await rewrite(rookery, user, contact, note, "1")
          await remove(rookery, user, `/contacts/${contact}/notes/${note}`)
        }
        // The upstream is told all the same.
        await soon(() => notes.forEach((note) => assert.lengthOf(upstream.toldOf(note), 2)))
        await startNats()
        await allSent(rookery, 15_000)
        const events = await stream.all()
        assert.deepStrictEqual(story(events, contact, before), ["created before", "updated meanwhile"])
        for (const note of notes) {
          assert.deepStrictEqual(story(events, contact, note), ["created 0", "updated 1", "deleted"])
        }
      }, 60_000)

      it("are neither lost nor made up when NATS and then the server are killed among writes", async () => {
        const hung = await api.note(user, contact, "hang for 1")
        const crowded = await api.contact(user)
        const answered = new Set<number>()
        let writing = true
        const write = async () => {
          while (writing) {
            const note = await api.note(user, crowded, "0").catch(() => undefined)
            if (note !== undefined) answered.add(note)
          }
        }
        const written = (more: number) => {
          const least = answered.size + more
          return eventually(() => assert.isAtLeast(answered.size, least), 15_000)
        }
        const writers = Array.from({ length: 8 }, write)
        await written(100)
        await killNats(rookery)
        await written(50)
        assert.strictEqual(upstream.hanging(), 1)
        await killRookery(rookery)
        writing = false
        await Promise.all(writers)

        await startNats()
        await rookery.start()
        await allSent(rookery, 15_000)
        const rows = await rookery.query(`SELECT id FROM notes WHERE contact_id = ${crowded} ORDER BY id`)
        const stored = rows.map((row) => Schema.decodeUnknownSync(Stored)(row).id)
        assert.includeMembers(stored, [...answered])
        const events = await stream.all()
        const created = events.filter(({ event }) => event.data?.contact_id === crowded)
        assert.sameMembers(
          created.map(({ event }) => event.data?.id),
          stored
        )
        assert.deepStrictEqual(story(events, contact, hung), ["created hang for 1"])
        // The upstream can be told twice: what it took just before the server was killed.
        const told = new Set(upstream.told().map(({ event }) => event.data?.id))
        assert.deepStrictEqual(
          stored.filter((note) => !told.has(note)),
          []
        )
        assert.lengthOf(upstream.toldOf(hung), 2)
      }, 120_000)
    },
    { only: [killable(embedded), killable(server)] }
  )
})
