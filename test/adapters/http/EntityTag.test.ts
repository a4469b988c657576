import { assert, describe, it } from "@effect/vitest"
import { entityTag, matchesStrongly, matchesWeakly, tagCondition } from "../../../src/adapters/http/EntityTag.ts"

describe("an entity tag", () => {
  it("is another one for other bytes, and one that a header holds", () => {
    assert.strictEqual(entityTag("a"), entityTag("a"))
    assert.notStrictEqual(entityTag("a"), entityTag("b"))
    assert.match(entityTag("ä"), /^"[\w-]{27}"$/)
    assert.deepStrictEqual(tagCondition(entityTag("a")), [entityTag("a")])
  })
})

describe("a list of entity tags", () => {
  it("is read as RFC 9110 writes it", () => {
    assert.strictEqual(tagCondition("*"), "any")
    assert.strictEqual(tagCondition(" * "), "any")
    assert.deepStrictEqual(tagCondition('"a"'), ['"a"'])
    assert.deepStrictEqual(tagCondition('W/"a", "b" ,"c"'), ['W/"a"', '"b"', '"c"'])
    assert.deepStrictEqual(tagCondition('"a,b", ""'), ['"a,b"', '""'])
    assert.deepStrictEqual(tagCondition('"ä!#~"'), ['"ä!#~"'])
  })

  it("may have empty elements, and none at all", () => {
    assert.deepStrictEqual(tagCondition(""), [])
    assert.deepStrictEqual(tagCondition(" , ,"), [])
    assert.deepStrictEqual(tagCondition(',"a",, "b",'), ['"a"', '"b"'])
  })

  it("is refused where it is none", () => {
    for (const header of ["a", '"a', 'a"', '"a" "b"', 'w/"a"', 'W/ "a"', '"a", *', "*, *", '"a b"', "'a'", '"a"b']) {
      assert.isUndefined(tagCondition(header), header)
    }
  })

  it("is read as quickly as it is long", () => {
    const before = performance.now()
    for (const header of [", ".repeat(1e5), `${'"a",'.repeat(1e5)}!`, `${" ".repeat(1e5)}!`, '"'.repeat(1e5 + 1)]) {
      tagCondition(header)
    }
    assert.isBelow(performance.now() - before, 1000)
  })
})

describe("comparing entity tags", () => {
  it("strongly, a weak one equals none", () => {
    assert.isTrue(matchesStrongly(['"a"', '"b"'], '"b"'))
    assert.isTrue(matchesStrongly("any", '"b"'))
    assert.isFalse(matchesStrongly(['W/"b"'], '"b"'))
    assert.isFalse(matchesStrongly(['W/"b"'], 'W/"b"'))
    assert.isFalse(matchesStrongly(['"a"'], '"b"'))
    assert.isFalse(matchesStrongly([], '"b"'))
  })

  it("weakly, only what is in quotes counts", () => {
    assert.isTrue(matchesWeakly(['W/"b"'], '"b"'))
    assert.isTrue(matchesWeakly(['"a"', '"b"'], '"b"'))
    assert.isTrue(matchesWeakly(['"b"'], 'W/"b"'))
    assert.isTrue(matchesWeakly("any", '"b"'))
    assert.isFalse(matchesWeakly(['W/"a"'], '"b"'))
    assert.isFalse(matchesWeakly([], '"b"'))
  })
})
