import { Effect, Option, Stream } from "effect"

/** A list of any length: its first page is there, the others are fetched as they are read. */
export interface Listing<A> {
  readonly first: ReadonlyArray<A>
  /** None where the first page is all. */
  readonly rest: Option.Option<Stream.Stream<ReadonlyArray<A>>>
}

/** How many rows of some hundred bytes are fetched at once: few enough to forget, enough for the round trip. */
export const pageSize = 500

/**
 * Lists by key: each page begins after the last id of the one before, so a row that is there all the while is listed
 * exactly once, whatever comes and goes meanwhile.
 */
export const listing = <A extends { readonly id: number }, E>(
  page: (after: number, limit: number) => Effect.Effect<ReadonlyArray<A>, E>,
  size: number = pageSize
): Effect.Effect<Listing<A>, E> =>
  Effect.map(page(0, size), (first) => {
    const end = first.at(-1)
    if (end === undefined || first.length < size) return { first, rest: Option.none() }
    const rest = Stream.paginate(end.id, (after) =>
      // What made the first page fail (its parent is gone) ends the list here.
      Effect.orElseSucceed(page(after, size), (): ReadonlyArray<A> => []).pipe(
        Effect.map((rows) => {
          const last = rows.at(-1)
          return [[rows], last !== undefined && rows.length === size ? Option.some(last.id) : Option.none()] as const
        })
      )
    )
    return { first, rest: Option.some(rest) }
  })
