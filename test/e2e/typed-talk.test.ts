import { Effect, Redacted, Stream } from "effect"
import { FetchHttpClient, type HttpClient } from "effect/http"
import {
  ClientMessageId,
  MediaId,
  MessageId,
  MessageText,
  Passcode,
  PhoneNumber,
  statusOf,
  talkClient
} from "rookery/client"
import { assert, it } from "vitest"
import { somePhone } from "../contracts/Fixtures.ts"
import { wav } from "../contracts/Clips.ts"
import { embedded, type LiveRookery, onEach } from "./Suites.ts"
import { codeFor } from "./TalkAccounts.ts"

const run = <A, E>(program: Effect.Effect<A, E, HttpClient.HttpClient>) =>
  Effect.runPromise(Effect.provide(program, FetchHttpClient.layer))

/** A new account's client, and its number. */
const signedUp = Effect.fnUntraced(function* ({ api }: LiveRookery) {
  const open = yield* talkClient({ url: api.url })
  const phone_number = PhoneNumber.make(somePhone())
  yield* open.requestSignUpCode({ payload: { phone_number } })
  const passcode = Passcode.make(yield* Effect.promise(() => codeFor(api, phone_number)))
  const { token } = yield* open.completeSignUp({ payload: { phone_number, passcode } })
  api.secrets.add(token)
  return { phone_number, open, talk: yield* talkClient({ url: api.url, token: Redacted.make(token) }) }
})

const friends = Effect.fnUntraced(function* (rookery: LiveRookery) {
  const [ada, bob] = [yield* signedUp(rookery), yield* signedUp(rookery)]
  yield* ada.talk.requestFriend({ payload: { phone_number: bob.phone_number } })
  yield* bob.talk.acceptFriend({ payload: { phone_number: ada.phone_number } })
  return [ada, bob] as const
})

/** All of it, whether it came as one piece or as a stream of them. */
const bytesOf = (body: Uint8Array | Stream.Stream<Uint8Array, unknown> | void) =>
  Stream.isStream(body) ? Stream.mkUint8Array(body) : Effect.succeed(body)

onEach(
  "the typed client of talk",
  (rookery) => {
    it("makes friends, sends, reads, and is told what is wrong", () =>
      run(
        Effect.gen(function* () {
          const [ada, bob] = yield* friends(rookery)
          const { contacts } = yield* ada.talk.listFriends({})
          assert.deepInclude(contacts[0], { phone_number: bob.phone_number, status: "accepted", unread_messages: 0 })
          const message = {
            phone_number: bob.phone_number,
            message_type: "text",
            message: MessageText.make("Hello"),
            client_message_id: ClientMessageId.make("first")
          } as const
          const first = yield* ada.talk.sendMessage({ payload: message })
          assert.deepStrictEqual(yield* ada.talk.sendMessage({ payload: message }), first)
          yield* ada.talk.sendMessage({ payload: { ...message, message: "Again", client_message_id: null } })
          const params = { phone_number: ada.phone_number }
          const listed = yield* bob.talk.listMessages({ params, query: {} })
          assert.deepStrictEqual(
            listed.messages.map((one) => one.message),
            ["Again", "Hello"]
          )
          const [newest, oldest] = listed.messages
          const before_id = MessageId.make(newest?.id ?? 0)
          const page = yield* bob.talk.listMessages({ params, query: { count: 1, before_id } })
          assert.deepStrictEqual(page.messages, [oldest])
          yield* bob.talk.readMessage({ payload: { message_id: MessageId.make(oldest?.id ?? 0) } })
          yield* bob.talk.readAllTexts({ payload: params })
          const seen = yield* ada.talk.listMessages({ params: { phone_number: bob.phone_number }, query: {} })
          assert.deepStrictEqual([...new Set(seen.messages.map(({ status }) => status))], ["seen"])

          const removed = yield* ada.talk.deleteFriend({ payload: { phone_number: bob.phone_number } })
          assert.strictEqual(removed.contacts[0]?.status, "deleted")
          const another = { ...message, client_message_id: ClientMessageId.make("another") }
          const refused = yield* Effect.flip(ada.talk.sendMessage({ payload: another }))
          assert.strictEqual(statusOf(refused), 403)
          const stranger = yield* Effect.flip(ada.open.listFriends({}))
          assert.strictEqual(statusOf(stranger), 401)
          assert.deepInclude(stranger, { success: false, message: "Invalid or missing token" })
        })
      ))

    it("uploads a clip, and downloads it, whole and in part", () =>
      run(
        Effect.gen(function* () {
          const [ada, bob] = yield* friends(rookery)
          const sound = wav(2)
          const form = new FormData()
          form.append("file", new Blob([new Uint8Array(sound)]), "hello.wav")
          const uploaded = yield* ada.talk.uploadMedia({ query: { media_type: "audio" }, payload: form })
          assert.strictEqual(uploaded.duration, 2)
          const media_content_id = MediaId.make(uploaded.id)
          const hidden = yield* Effect.flip(bob.talk.downloadMedia({ query: { media_content_id }, headers: {} }))
          assert.strictEqual(statusOf(hidden), 404)
          const payload = { phone_number: bob.phone_number, message_type: "audio", media_content_id } as const
          const { messages } = yield* ada.talk.sendMessage({ payload })
          assert.strictEqual(messages[0]?.media_type, "audio/wav")

          const whole = yield* bob.talk.downloadMedia({ query: { media_content_id }, headers: {} })
          assert.deepStrictEqual(Buffer.from((yield* bytesOf(whole.body)) ?? []), sound)
          const params = { media_content_id }
          const part = yield* bob.talk.downloadMediaById({ params, headers: { range: "bytes=4-13" } })
          assert.deepStrictEqual(Buffer.from((yield* bytesOf(part.body)) ?? []), sound.subarray(4, 14))
          assert.deepInclude(part.headers, { "content-range": `bytes 4-13/${sound.length}` })
          const known = { "if-none-match": whole.headers.etag }
          const same = yield* bob.talk.downloadMediaById({ params, headers: known })
          assert.isUndefined(same.body)
          const beyond = { range: `bytes=${sound.length}-` }
          const refused = yield* Effect.flip(bob.talk.downloadMedia({ query: params, headers: beyond }))
          assert.strictEqual(statusOf(refused), 416)
          const page = new FormData()
          page.append("file", new Blob(["<html>"]), "page.mp3")
          const none = yield* Effect.flip(ada.talk.uploadMedia({ query: { media_type: "audio" }, payload: page }))
          assert.strictEqual(statusOf(none), 400)
        })
      ))
  },
  { only: [embedded] }
)
