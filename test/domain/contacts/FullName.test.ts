import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Schema } from "effect"
import { Contact, ContactFields } from "../../../src/domain/contacts/Contact.ts"
import { FullName, joinName, rename, splitName } from "../../../src/domain/contacts/FullName.ts"
import { textsOf } from "../../contracts/Texts.ts"

// Few letters and many spaces: where it can go wrong.
const spacious = Arbitrary.array(Arbitrary.schema(Schema.Literals([" ", "  ", "a", "b", "\u00a0", "\t", "é"])), {
  minLength: 1,
  maxLength: 40
}).pipe(Arbitrary.filterMap((pieces) => Schema.decodeUnknownResult(FullName)(pieces.join(""))))

const isFirstName = Schema.is(ContactFields.fields.firstName)
const isLastName = Schema.is(ContactFields.fields.lastName)

describe("a full name", () => {
  for (const [kind, names] of [
    ["any", textsOf(FullName)],
    ["spacious", spacious]
  ] as const) {
    it.prop(`reads back to the letter: ${kind}`, { name: names }, ({ name }) => {
      assert.strictEqual(joinName(splitName(name)), name)
    })

    it.prop(`changes nothing when it is written as it was read: ${kind}`, { first: names, last: names }, (parts) => {
      for (const lastName of [parts.last, "", null]) {
        const before = { firstName: parts.first, lastName }
        const read = Schema.decodeUnknownOption(FullName)(joinName(before))
        if (read._tag === "Some") assert.deepStrictEqual(rename(before, read.value), before)
      }
    })

    it.prop(`is what was written, whatever was there before: ${kind}`, { first: names, name: names }, (written) => {
      const after = rename({ firstName: written.first, lastName: null }, written.name)
      assert.strictEqual(joinName(after), written.name)
    })
  }

  it.prop("splits into what a contact may hold", { name: spacious }, ({ name }) => {
    const { firstName, lastName } = splitName(name)
    assert.isTrue(isFirstName(firstName), firstName)
    assert.isTrue(isLastName(lastName), lastName ?? "null")
  })

  it("splits into what a contact may hold, whatever kind of white space it begins with", () => {
    for (const name of ["\t Ada", "\u00a0 Ada Lovelace", " \n Ada"]) {
      assert.isTrue(isFirstName(splitName(FullName.make(name)).firstName), JSON.stringify(name))
    }
  })

  it("splits at the first space after something else", () => {
    const split = (name: string) => {
      const { firstName, lastName } = splitName(FullName.make(name))
      return [firstName, lastName]
    }
    assert.deepStrictEqual(split("Ada"), ["Ada", null])
    assert.deepStrictEqual(split("Ada Lovelace"), ["Ada", "Lovelace"])
    assert.deepStrictEqual(split("Ada King Lovelace"), ["Ada", "King Lovelace"])
    assert.deepStrictEqual(split(" Ada Lovelace"), [" Ada", "Lovelace"])
    assert.deepStrictEqual(split("Ada  Lovelace"), ["Ada", " Lovelace"])
    assert.deepStrictEqual(split("Ada "), ["Ada", ""])
    assert.deepStrictEqual(split("\tAda"), ["\tAda", null])
  })

  it("takes nothing else over from what it renames", () => {
    const fields = Object.keys(Contact.fields)
    assert.include(fields, "email")
    const parts = { firstName: "Ada", lastName: "King", email: "ada@example.com" }
    assert.deepStrictEqual(rename(parts, FullName.make("Ada King")), { firstName: "Ada", lastName: "King" })
  })
})
