// A chat in the terminal, on `rookery/client`: copy it, and make more of it.
//
//   npx node examples/chat.ts <your number> <a friend's number> [http://localhost:8000]
//
// It asks for the code that is sent to your number (in development it lies in /dev/outbox), asks the other one to be
// friends, or accepts, shows what you have not read yet, and then sends every line that you write. A connection that is
// lost is taken up again: nothing that was said meanwhile is missed, and what was not sent is sent then, once.
import { Effect, Redacted, Schedule, Schema, Stream } from "effect"
import { FetchHttpClient } from "effect/http"
import { randomUUID } from "node:crypto"
import { createInterface } from "node:readline"
import {
  ClientMessageId,
  following,
  isSessionOver,
  MessageText,
  Passcode,
  PhoneNumber,
  statusOf,
  talkCalls,
  talkClient,
  type TalkMessage,
  webSockets
} from "rookery/client"

const [own, other, url = "http://localhost:8000"] = process.argv.slice(2)
const isNumber = Schema.is(PhoneNumber)
if (!isNumber(own) || !isNumber(other)) {
  console.error("npx node examples/chat.ts <your number> <a friend's number> [http://localhost:8000]")
  process.exit(2)
}

const keyboard = createInterface({ input: process.stdin })
const lines = keyboard[Symbol.asyncIterator]()

/** The next line that is written; undefined at the end. */
const line = Effect.promise(async () => (await lines.next()).value as string | undefined)
const show = (text: string) => Effect.sync(() => console.log(text))

const explain = (error: { readonly _tag?: string; readonly message: string }) => {
  if (isSessionOver(error)) return "you have been signed out"
  return error._tag === "NotFriends" ? `${other} has not accepted, or has ended it` : error.message || error._tag
}

/** Signs in, or signs up who has no account yet. */
const signIn = Effect.gen(function* () {
  const talk = yield* talkClient({ url })
  const phone_number = own
  const isNew = yield* talk.requestSignInCode({ payload: { phone_number } }).pipe(
    Effect.as(false),
    Effect.catchIf(
      (error) => statusOf(error) === 404,
      () => Effect.as(talk.requestSignUpCode({ payload: { phone_number } }), true)
    )
  )
  yield* show(`The code that was sent to ${own}?`)
  const passcode = yield* Schema.decodeEffect(Passcode)(((yield* line) ?? "").trim())
  const payload = { phone_number, passcode }
  const { token } = yield* isNew ? talk.completeSignUp({ payload }) : talk.completePhoneSignIn({ payload })
  return Redacted.make(token)
})

const isLost = (error: { readonly _tag: string }) => error._tag === "RpcClientError" && !isSessionOver(error)

/** Calls again until there is a connection. */
const patiently = <A, E extends { readonly _tag: string }, R>(call: Effect.Effect<A, E, R>) =>
  Effect.retry(call, { while: isLost, schedule: Schedule.spaced("1 second") })

const program = Effect.gen(function* () {
  const phoneNumber = other
  const calls = yield* talkCalls({ url, token: yield* signIn })
  yield* calls.requestFriend({ phoneNumber }).pipe(Effect.catchTag("AlreadyAsked", () => Effect.void))
  yield* show(`You are talking to ${other}.`)

  const isUnread = ({ sender, status }: TalkMessage) => sender === other.replace("+", "") && status !== "seen"
  let last = 0
  const showUnread = Effect.gen(function* () {
    const unread = (yield* calls.listMessages({ phoneNumber, count: 255 })).filter(isUnread).reverse()
    for (const { content, id, sender } of unread) {
      // Shown before, where the connection was lost before it was known to be read.
      if (id <= last) continue
      yield* show(`${sender}: ${content.text ?? "(a clip)"}`)
      last = id
    }
    if (unread.length > 0) yield* calls.readMessages({ ids: unread.map(({ id }) => id) })
  })
  // What fails here is tried again when there is something new, and when the connection is there again.
  const listening = Stream.runForEach(following(calls), () => Effect.ignore(showUnread))

  const send = Effect.fnUntraced(
    function* (line: string) {
      const text = yield* Schema.decodeEffect(MessageText)(line)
      const clientMessageId = ClientMessageId.make(randomUUID())
      yield* patiently(calls.sendMessage({ phoneNumber, content: { _tag: "Text", text }, clientMessageId }))
    },
    Effect.catch((error) => show(`Not sent: ${explain(error)}`))
  )
  const writing = Effect.gen(function* () {
    for (let text = yield* line; text !== undefined; text = yield* line) if (text.trim() !== "") yield* send(text)
  })
  // Ends with what is written, or with the session.
  yield* Effect.raceFirst(writing, listening)
}).pipe(
  Effect.catch((error) =>
    Effect.sync(() => {
      console.error(explain(error))
      process.exitCode = 1
    })
  )
)

await Effect.runPromise(Effect.scoped(program).pipe(Effect.provide([FetchHttpClient.layer, webSockets])))
keyboard.close()
