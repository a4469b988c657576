import { assert, describe, it } from "@effect/vitest"
import { searchTerm, searchText } from "../../../src/domain/shared/SearchText.ts"
import { Text } from "../../../src/domain/shared/Text.ts"
import { textsOf } from "../../contracts/Texts.ts"

/** Every character of the planes that have letters of two cases, but for halves of one. */
function* characters() {
  for (let code = 1; code < 0x20000; code++) {
    if (code < 0xd800 || code > 0xdfff) yield String.fromCodePoint(code)
  }
}

describe("what one searches for", () => {
  it("is the same for every character in either case, and however it is composed", () => {
    const different: Array<string> = []
    for (const character of characters()) {
      const folded = searchTerm(character)
      const others = [
        character.toUpperCase(),
        character.toLowerCase(),
        character.toUpperCase().toLowerCase(),
        character.toLowerCase().toUpperCase(),
        character.normalize("NFC"),
        character.normalize("NFD"),
        folded
      ]
      if (others.some((other) => searchTerm(other) !== folded)) different.push(character)
    }
    assert.deepStrictEqual(different, [])
  })

  it("is the same for every character beside others, which in Greek is a matter of where it stands", () => {
    const different: Array<string> = []
    for (const character of characters()) {
      // One that is written over the letter before it changes that one.
      if (/\p{M}/u.test(character.normalize("NFD"))) continue
      const folded = searchTerm(character)
      if (searchTerm(`ΑΣ${character}Σ `) !== `ασ${folded}σ `) different.push(character)
    }
    assert.deepStrictEqual(different, [])
  })

  it("takes i and I of all languages for one", () => {
    for (const name of ["İstanbul", "ISTANBUL", "istanbul", "ıstanbul", "i̇stanbul"]) {
      assert.strictEqual(searchTerm(name), "istanbul")
    }
  })

  it("is the same in whichever order accents were put on a letter", () => {
    assert.strictEqual(searchTerm("α\u0345\u0301"), searchTerm("\u1fb4"))
    assert.strictEqual(searchTerm("ᾼ\u0301"), searchTerm("\u1fb4"))
  })

  it("keeps accents and letters apart that are not the same", () => {
    assert.strictEqual(new Set(["e", "é", "è", "ö", "o", "ø"].map(searchTerm)).size, 6)
  })

  it.prop("is found in what holds it", { before: textsOf(Text(50)), after: textsOf(Text(50)) }, ({ after, before }) => {
    assert.include(searchText(`${before} needle ${after}`), searchTerm("NEEDLE"))
    assert.include(searchText(null, before, after), searchTerm(before))
    assert.include(searchText(before, after), searchTerm(after))
  })

  it("is nothing that no store takes", () => {
    assert.strictEqual(searchTerm("a\u0000b\ud800c"), "a\ufffdb\ufffdc")
  })
})

describe("what is searched", () => {
  it.prop("has nothing in it that spans two fields", { one: textsOf(Text(20)), other: textsOf(Text(20)) }, (fields) => {
    const text = searchText(fields.one, fields.other)
    const pieces = text.split("\u0001")
    assert.deepStrictEqual(pieces, [searchTerm(fields.one), searchTerm(fields.other)])
    assert.notInclude(searchTerm(`${fields.one}\u0001${fields.other}`), "\u0001")
  })

  it("is empty where there is nothing to find", () => {
    assert.strictEqual(searchText(null, null), "")
    assert.strictEqual(searchText("", null), "")
  })
})
