import { Exit, Option, Schema } from "effect"
import type { HttpAnswer } from "../load/HttpRequest.ts"

const Time = Schema.String.check(Schema.isPattern(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/))

const Contact = Schema.Struct({
  id: Schema.Int,
  first_name: Schema.String,
  last_name: Schema.NullOr(Schema.String),
  email: Schema.NullOr(Schema.String),
  phone: Schema.NullOr(Schema.String),
  company: Schema.NullOr(Schema.String),
  title: Schema.NullOr(Schema.String),
  birthday: Schema.NullOr(Schema.String.check(Schema.isPattern(/^\d{4}-\d\d-\d\d$/))),
  notes: Schema.NullOr(Schema.String),
  created_at: Time,
  updated_at: Time
})

const Note = Schema.Struct({
  id: Schema.Int,
  contact_id: Schema.Int,
  body: Schema.String,
  created_at: Time,
  updated_at: Time
})

const TokenPair = Schema.Struct({ access_token: Schema.NonEmptyString })

type Wrong = (answer: HttpAnswer) => string | undefined

/** What is wrong with an answer of another status, of another shape, or that something else is wrong with. */
const answerOf = <A>(
  status: number,
  schema: Schema.Codec<A, unknown>,
  wrong: (value: A) => string | undefined
): Wrong => {
  const decode = Schema.decodeUnknownExit(Schema.fromJsonString(schema))
  return (answer) => {
    if (answer.status !== status) return `and not ${status}`
    const decoded = decode(answer.body)
    return Exit.isFailure(decoded) ? "and not what it should look like" : wrong(decoded.value)
  }
}

/** The contact of that id. */
export const contactIn = (id: number): Wrong =>
  answerOf(200, Contact, (contact) => (contact.id === id ? undefined : `and not contact ${id}`))

/** These contacts, in this order. */
export const contactsIn = (ids: ReadonlyArray<number>): Wrong =>
  answerOf(200, Schema.Array(Contact), (contacts) =>
    String(contacts.map(({ id }) => id)) === String(ids) ? undefined : `and not contacts ${String(ids)}`
  )

/** That note about that contact. */
export const noteIn = (contact: number, body: string): Wrong =>
  answerOf(201, Note, (note) =>
    note.contact_id === contact && note.body === body ? undefined : "and not the note that was sent"
  )

export const tokensIn: Wrong = answerOf(200, TokenPair, () => undefined)

const Messages = Schema.Struct({ messages: Schema.Tuple([Schema.Struct({ id: Schema.Int, message: Schema.String })]) })

/** That message alone. */
export const messageIn = (text: string): Wrong =>
  answerOf(200, Messages, ({ messages: [{ message }] }) =>
    message === text ? undefined : "and not the message that was sent"
  )

const Event = Schema.fromJsonString(
  Schema.Struct({
    event: Schema.String,
    sender: Schema.optionalKey(Schema.String),
    contact_id: Schema.optionalKey(Schema.Int)
  })
)
const decodeEvent = Schema.decodeUnknownOption(Event)

/** Whether what a socket says is that there are other messages of somebody. */
export const messagesUpdated = (text: string, sender: string): boolean => {
  const event = Option.getOrUndefined(decodeEvent(text))
  return event?.event === "messages_updated" && event.sender === sender
}

/** Whether what a socket says is that there is another note about a contact. */
export const noteCreated = (text: string, contact: number): boolean => {
  const event = Option.getOrUndefined(decodeEvent(text))
  return event?.event === "note_created" && event.contact_id === contact
}
