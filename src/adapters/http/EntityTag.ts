import { hash } from "node:crypto"

/** A strong validator (RFC 9110, 8.8.3) with its quotes: another one whenever the representation differs in a byte. */
export const entityTag = (representation: string): string =>
  `"${hash("sha256", representation, "base64url").slice(0, 27)}"`

/** What `If-Match` or `If-None-Match` names: tags as they were written, or whatever there is. */
export type TagCondition = "any" | ReadonlyArray<string>

/** One element of a list, which may be empty (RFC 9110, 5.6.1). A tag may hold commas. */
const element = /[ \t]*(?:((?:W\/)?"[\x21\x23-\x7e\x80-\xff]*")[ \t]*)?(?:,|$)/y

/** What the header says; undefined where it is malformed. */
export const tagCondition = (header: string): TagCondition | undefined => {
  if (header.trim() === "*") return "any"
  const tags: Array<string> = []
  for (let end = 0; end < header.length; end = element.lastIndex) {
    element.lastIndex = end
    const found = element.exec(header)
    if (found === null) return undefined
    if (found[1] !== undefined) tags.push(found[1])
  }
  return tags
}

/** Whether the tag is named by the strong comparison, by which a weak tag equals none (RFC 9110, 8.8.3.2). */
export const matchesStrongly = (condition: TagCondition, tag: string): boolean =>
  condition === "any" || (!tag.startsWith("W/") && condition.includes(tag))

/** Whether the tag is named by the weak comparison. */
export const matchesWeakly = (condition: TagCondition, tag: string): boolean =>
  condition === "any" || condition.some((candidate) => opaque(candidate) === opaque(tag))

const opaque = (tag: string): string => (tag.startsWith("W/") ? tag.slice(2) : tag)
