// What the types of `rookery/client` must not let pass, where it is an installed package. It is compiled and never run.
import { Effect, type Redacted } from "effect"
import { ContactId, MessageText, type TalkCalls, talkCalls, talkClient, v1Client } from "rookery/client"

export const requests = Effect.gen(function* () {
  // @ts-expect-error an address of another type
  yield* talkClient({ url: 8000 })
  const v1 = yield* v1Client({ url: "http://localhost:8000" })
  // @ts-expect-error no such request
  yield* v1.addContacts
  // @ts-expect-error a first name of another type
  yield* v1.addContact({ headers: {}, payload: { first_name: 1 } })
  // @ts-expect-error a number that may be no id
  yield* v1.readContact({ headers: {}, params: { contact_id: 1 } })
  const contact = yield* v1.readContact({ headers: {}, params: { contact_id: ContactId.make(1) } })
  // @ts-expect-error no such member
  void contact.body?.firstname
})

export const connection = (token: Redacted.Redacted<string>) => talkCalls({ url: "http://localhost:8000", token })
// @ts-expect-error no token
export const nobodys = talkCalls({ url: "http://localhost:8000" })

// @ts-expect-error a text that may be none
export const sent = (calls: TalkCalls) => calls.sendMessage({ content: { _tag: "Text", text: "Hello" } })
// @ts-expect-error a text of another type
export const text: number = MessageText.make("Hello")
