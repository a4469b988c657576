import { Schema } from "effect"
import { assert } from "vitest"
import { somePhone } from "../contracts/Fixtures.ts"
import type { ApiClient } from "../support/ApiClient.ts"

const passcode = "246813"
const phones = Array.from({ length: 80 }, () => String(somePhone()))

/** Makes test numbers of those that talkers sign up with: nobody has to wait for an SMS. */
export const talkerVariables = { SMS_TEST_OTP: phones.map((phone) => `${phone}=${passcode}`).join(",") }

export interface Talker {
  readonly phone: string
  readonly token: string
}

const Token = Schema.Struct({ success: Schema.Literal(true), token: Schema.String })
const Contacts = Schema.Struct({
  success: Schema.Literal(true),
  contacts: Schema.Array(
    Schema.Struct({ phone_number: Schema.String, status: Schema.String, unread_messages: Schema.Int })
  )
})
const Message = Schema.Struct({ id: Schema.Int, sender: Schema.String, message: Schema.String, status: Schema.String })
export type Message = typeof Message.Type
const Messages = Schema.Struct({ success: Schema.Literal(true), messages: Schema.Array(Message) })

type Answer = Awaited<ReturnType<ApiClient["request"]>>

const ok = <A>(schema: Schema.Codec<A, unknown>, { body, status, text }: Answer): A => {
  assert.strictEqual(status, 200, text)
  return Schema.decodeUnknownSync(schema)(body)
}

const session = async (api: ApiClient, phone: string, way: "signup" | "signin"): Promise<string> => {
  const asked = await api.post(`/api/auth/${way}`, { phone_number: phone })
  assert.strictEqual(asked.status, 200, asked.text)
  return ok(Token, await api.post(`/api/auth/complete-${way}`, { phone_number: phone, passcode })).token
}

/** A new account with a phone number, signed in. */
export const signUpTalker = async (api: ApiClient): Promise<Talker> => {
  const phone = phones.pop()
  if (phone === undefined) throw new Error("no test number is left")
  return { phone, token: await session(api, phone, "signup") }
}

/** The same person in another session. */
export const signInTalker = async (api: ApiClient, { phone }: Talker): Promise<Talker> => ({
  phone,
  token: await session(api, phone, "signin")
})

export const requestFriend = async (api: ApiClient, { token }: Talker, { phone }: Talker) => {
  ok(Contacts, await api.put("/api/contacts/request", { phone_number: phone }, { token }))
}

export const acceptFriend = async (api: ApiClient, { token }: Talker, { phone }: Talker) => {
  ok(Contacts, await api.put("/api/contacts/accept", { phone_number: phone }, { token }))
}

export const befriend = async (api: ApiClient, one: Talker, other: Talker) => {
  await requestFriend(api, one, other)
  await acceptFriend(api, other, one)
}

/** As the one sees the other. */
export const contactOf = async (api: ApiClient, { token }: Talker, { phone }: Talker) => {
  const [contact] = ok(Contacts, await api.get(`/api/contacts/${phone}`, { token })).contacts
  if (contact === undefined) throw new Error(`${phone} is in no list`)
  return contact
}

export const sendText = async (
  api: ApiClient,
  { token }: Talker,
  { phone }: Talker,
  message: string,
  clientId?: string
): Promise<Message> => {
  const payload = { phone_number: phone, message_type: "text", message, client_message_id: clientId }
  const [sent] = ok(Messages, await api.post("/api/messages/send", payload, { token })).messages
  if (sent === undefined) throw new Error("no message in the answer")
  return sent
}

/** The newest first. */
export const messagesWith = async (api: ApiClient, { token }: Talker, { phone }: Talker) =>
  ok(Messages, await api.get(`/api/messages/${phone}?count=255`, { token })).messages

export const readMessage = async (api: ApiClient, { token }: Talker, { id }: Message) => {
  const { status, text } = await api.put("/api/messages/read", { message_id: id }, { token })
  assert.strictEqual(status, 200, text)
}
