import { assert, describe, it } from "@effect/vitest"
import {
  contactIn,
  contactsIn,
  messageIn,
  messagesUpdated,
  noteCreated,
  noteIn,
  tokensIn
} from "../../bench/scenarios/Answers.ts"

const times = { created_at: "2026-02-01T10:00:00.000Z", updated_at: "2026-02-01T10:00:00Z" }
const contact = (id: number) => ({
  id,
  first_name: "Ada",
  last_name: null,
  email: null,
  phone: null,
  company: null,
  title: null,
  birthday: "1980-12-10",
  notes: null,
  ...times
})
const note = { id: 9, contact_id: 7, body: "Call back", ...times }
const answer = (body: unknown, status = 200) => ({ status, body: JSON.stringify(body) })

describe("answers under load", () => {
  it("are right by their status, their shape and what was asked for", () => {
    assert.isUndefined(contactIn(7)(answer(contact(7))))
    assert.isDefined(contactIn(8)(answer(contact(7))))
    assert.isDefined(contactIn(7)(answer(contact(7), 201)))
    assert.isDefined(contactIn(7)(answer({ ...contact(7), birthday: "10.12.1980" })))
    assert.isDefined(contactIn(7)({ status: 200, body: "<html>" }))
  })

  it("have lists in their order, no more and no less", () => {
    const list = answer([contact(1), contact(2)])
    assert.isUndefined(contactsIn([1, 2])(list))
    for (const ids of [[2, 1], [1], [1, 2, 3], []]) assert.isDefined(contactsIn(ids)(list), String(ids))
    assert.isUndefined(contactsIn([])(answer([])))
  })

  it("have the note and the message that were sent, and a token", () => {
    assert.isUndefined(noteIn(7, "Call back")(answer(note, 201)))
    assert.isDefined(noteIn(8, "Call back")(answer(note, 201)))
    assert.isDefined(noteIn(7, "Call")(answer(note, 201)))
    assert.isUndefined(messageIn("Hello")(answer({ success: true, messages: [{ id: 1, message: "Hello" }] })))
    assert.isDefined(messageIn("Hello")(answer({ success: true, messages: [] })))
    assert.isUndefined(tokensIn(answer({ access_token: "a.b.c" })))
    assert.isDefined(tokensIn(answer({ access_token: "" })))
  })

  it("come over sockets, where others are passed over", () => {
    const told = JSON.stringify({ event: "messages_updated", sender: "380501", id: 1 })
    assert.isTrue(messagesUpdated(told, "380501"))
    assert.isFalse(messagesUpdated(told, "380502"))
    const written = JSON.stringify({ event: "note_created", contact_id: 7, note_id: 1 })
    assert.isTrue(noteCreated(written, 7))
    assert.isFalse(noteCreated(written, 8))
    assert.isFalse(noteCreated("{", 7))
  })
})
