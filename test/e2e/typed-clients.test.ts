import { Effect, Redacted } from "effect"
import { FetchHttpClient, type HttpClient } from "effect/http"
import {
  Birthday,
  classicClient,
  ContactId,
  EmailAddress,
  FullName,
  NoteId,
  Password,
  PhoneNumber,
  statusOf,
  Username,
  v1Client
} from "rookery/client"
import { assert, it } from "vitest"
import { embedded, type LiveRookery, onEach } from "./Suites.ts"
import { picture } from "./V1Avatars.ts"

const run = <A, E>(program: Effect.Effect<A, E, HttpClient.HttpClient>) =>
  Effect.runPromise(Effect.provide(program, FetchHttpClient.layer))

const password = Password.make("correct horse battery")

/** A new account's clients, by the classic dialect's sign-in: its token opens both. */
const signedIn = Effect.fnUntraced(function* ({ api }: LiveRookery) {
  const username = Username.make(api.username())
  const open = yield* classicClient({ url: api.url })
  yield* open.registerUsername({ payload: { username, password } })
  const pair = yield* open.loginUsername({ payload: { username, password } })
  api.secrets.add(pair.access_token).add(pair.refresh_token)
  const token = Redacted.make(pair.access_token)
  return {
    username,
    open,
    classic: yield* classicClient({ url: api.url, token }),
    v1: yield* v1Client({ url: api.url, token: Effect.succeed(token) })
  }
})

onEach(
  "typed clients",
  (rookery) => {
    it("ask everything of the classic dialect, and are told what is wrong", () =>
      run(
        Effect.gen(function* () {
          const { classic, open, username } = yield* signedIn(rookery)
          const name = FullName.make("Ada Lovelace")
          const contact = yield* classic.createContact({
            payload: { name, email: EmailAddress.make("ada@example.com"), phone_number: PhoneNumber.make("+15551234") }
          })
          assert.deepInclude(contact, { name: "Ada Lovelace", phone_number: "+15551234" })
          const params = { contact_id: ContactId.make(contact.id) }
          const note = yield* classic.createNote({ params, payload: { body: "Met at the conference" } })
          const [listed] = yield* classic.listNotes({ params })
          assert.deepStrictEqual(listed, note)
          assert.deepStrictEqual(yield* classic.listContacts({}), [contact])

          const taken = yield* Effect.flip(open.registerUsername({ payload: { username, password } }))
          assert.strictEqual(statusOf(taken), 409)
          const unknown = yield* Effect.flip(classic.getContact({ params: { contact_id: ContactId.make(2 ** 40) } }))
          assert.strictEqual(statusOf(unknown), 404)
          const stranger = yield* Effect.flip(open.listContacts({}))
          assert.strictEqual(statusOf(stranger), 401)
          assert.deepStrictEqual(yield* classic.logout({}), { message: "Successfully logged out" })
          assert.strictEqual(statusOf(yield* Effect.flip(classic.listContacts({}))), 401)
        })
      ))

    it("ask everything of v1, read the headers of its answers, and are told what is wrong", () =>
      run(
        Effect.gen(function* () {
          const { v1 } = yield* signedIn(rookery)
          const added = yield* v1.addContact({
            headers: { "idempotency-key": "first" },
            payload: { first_name: "Grace", birthday: Birthday.make("1906-12-09") }
          })
          const params = { contact_id: ContactId.make(added.body.id) }
          assert.include(added.headers.location, `/api/v1/contacts/${added.body.id}`)
          const again = yield* v1.addContact({
            headers: { "idempotency-key": "first" },
            payload: { first_name: "Grace", birthday: Birthday.make("1906-12-09") }
          })
          assert.strictEqual(again.body.id, added.body.id)
          assert.strictEqual(again.headers["idempotent-replayed"], "true")

          const page = yield* v1.searchContacts({ query: { search: "gra", limit: 5 } })
          assert.deepStrictEqual([page.body.map(({ id }) => id), page.headers["x-total-count"]], [[added.body.id], "1"])
          const known = { "if-none-match": added.headers.etag }
          const same = yield* v1.readContact({ params, headers: known })
          assert.deepStrictEqual([same.body, same.headers.etag], [undefined, added.headers.etag])

          const note = yield* v1.addNote({ params, headers: {}, payload: { body: "Found a bug" } })
          const noteParams = { ...params, note_id: NoteId.make(note.body.id) }
          assert.strictEqual((yield* v1.readNote({ params: noteParams })).body, "Found a bug")
          assert.isUndefined(yield* v1.removeContact({ params, headers: {} }))
          const gone = yield* Effect.flip(v1.readContact({ params, headers: {} }))
          assert.deepInclude(gone, { status: 404, detail: "Contact not found" })
          const wrong = { username: "nobody", password: "wrong" }
          assert.strictEqual(statusOf(yield* Effect.flip(v1.signIn({ payload: wrong }))), 401)
        })
      ))

    it("send nothing that does not fit", () =>
      run(
        Effect.gen(function* () {
          const { v1 } = yield* signedIn(rookery)
          assert.throws(() => EmailAddress.make("nobody"))
          const unfit = yield* Effect.flip(v1.searchContacts({ query: { limit: 101 } }))
          assert.deepStrictEqual([unfit.name, statusOf(unfit)], ["SchemaError", undefined])
        })
      ))

    it("upload a picture, and read it", () =>
      run(
        Effect.gen(function* () {
          const { v1 } = yield* signedIn(rookery)
          const form = new FormData()
          form.append("file", new Blob([new Uint8Array(yield* Effect.promise(() => picture()))]), "me.png")
          const { body } = yield* v1.uploadAvatar({ headers: {}, payload: form })
          const avatar_id = body.avatar_url?.split("/").at(-1) ?? ""
          const shown = yield* v1.showAvatar({ params: { avatar_id }, headers: {} })
          if (shown.body === undefined) return assert.fail("the picture is not there")
          assert.strictEqual(new TextDecoder().decode(shown.body.slice(8, 12)), "WEBP")
        })
      ))
  },
  { only: [embedded] }
)
