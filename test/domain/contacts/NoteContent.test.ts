import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { noteContent } from "../../../src/domain/contacts/NoteContent.ts"
import { NoteBody } from "../../../src/domain/contacts/Note.ts"
import { textsOf } from "../../contracts/Texts.ts"

const absent = Schema.UndefinedOr(Schema.Null)
const isNoteBody = Schema.is(NoteBody)

describe("the text of a note", () => {
  it.prop("is found under each of its names", { text: textsOf(NoteBody), a: absent, b: absent }, ({ a, b, text }) => {
    assert.strictEqual(noteContent({ body: text }), text)
    assert.strictEqual(noteContent({ body: a, note_body: text }), text)
    assert.strictEqual(noteContent({ body: a, note_body: b, note_text: text }), text)
  })

  it.prop("is the first that is there", { first: Schema.String, other: Schema.String }, ({ first, other }) => {
    assert.strictEqual(noteContent({ body: first, note_body: other, note_text: other }), first)
    assert.strictEqual(noteContent({ note_body: first, note_text: other }), first)
  })

  it("is what was sent, fit or not: nothing is looked for behind it", () => {
    for (const unfit of ["", " ", 0, false, [], {}])
      assert.strictEqual(noteContent({ body: unfit, note_body: "x" }), unfit)
    for (const nothing of [{}, { body: null }, { body: undefined, note_body: null, note_text: undefined }]) {
      assert.isTrue(noteContent(nothing) === undefined || noteContent(nothing) === null)
    }
  })

  it("has bounds", () => {
    for (const fit of ["x", " x ", "x".repeat(100_000), "👩‍👩‍👧", "\u200b"]) assert.isTrue(isNoteBody(fit))
    for (const unfit of ["", " ", "\n\t\u00a0\ufeff", "x".repeat(100_001), "x\u0000", "x\ud800", 7, null]) {
      assert.isFalse(isNoteBody(unfit), JSON.stringify(unfit)?.slice(0, 20))
    }
  })
})
