import { Effect, Option, Stream } from "effect"

/** A list of any length: its first page is there, the others are fetched as they are read. */
export interface Listing<A> {
  readonly first: ReadonlyArray<A>
  /** None where the first page is all. */
  readonly rest: Option.Option<Stream.Stream<ReadonlyArray<A>>>
}

/** How many rows are fetched at once: few enough to forget, enough to make the round trip worth it. */
export const pageSize = 500

/**
 * Lists by key: each page begins after the last id of the one before, so a row that is there all the while is listed
 * exactly once, whatever comes and goes meanwhile.
 */
export const listing = <A extends { readonly id: number }, E>(
  page: (after: number, limit: number) => Effect.Effect<ReadonlyArray<A>, E>
): Effect.Effect<Listing<A>, E> =>
  Effect.map(page(0, pageSize), (first) => {
    const end = first.at(-1)
    if (end === undefined || first.length < pageSize) return { first, rest: Option.none() }
    const rest = Stream.paginate(end.id, (after) =>
      // What made the first page fail (its parent is gone) ends the list here.
      Effect.orElseSucceed(page(after, pageSize), (): ReadonlyArray<A> => []).pipe(
        Effect.map((rows) => {
          const last = rows.at(-1)
          return [
            [rows],
            last !== undefined && rows.length === pageSize ? Option.some(last.id) : Option.none()
          ] as const
        })
      )
    )
    return { first, rest: Option.some(rest) }
  })
