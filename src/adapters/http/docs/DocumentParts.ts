import { isDeepStrictEqual } from "node:util"

/** Puts the entries of one part to those of the others. Two that share a name have to be the same. */
export const merge = <A>(what: string, target: Record<string, A>, entries: Readonly<Record<string, A>>) => {
  for (const [name, entry] of Object.entries(entries)) {
    if (name in target && !isDeepStrictEqual(target[name], entry)) throw new Error(`Two ${what} are named ${name}`)
    target[name] = entry
  }
}

export const sorted = <A>(entries: Readonly<Record<string, A>>): Record<string, A> =>
  Object.fromEntries(Object.entries(entries).toSorted(([a], [b]) => (a < b ? -1 : 1)))
