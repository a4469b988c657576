import { Effect, Option, Stream } from "effect"

/** A list of any length: its first page is there, the others are fetched as they are read. */
export interface Listing<A> {
  readonly first: ReadonlyArray<A>
  /** None where the first page is all. */
  readonly rest: Option.Option<Stream.Stream<ReadonlyArray<A>>>
}

/** How many rows of some hundred bytes are fetched at once: few enough to forget, enough for the round trip. */
export const pageSize = 500

type NextPage<A, E> = (after: number, limit: number) => Effect.Effect<ReadonlyArray<A>, E>

/** The list that begins with the page `first` and has `limit` items at most, `size` of them on a page. */
export const listingFrom = <A extends { readonly id: number }, E>(
  first: ReadonlyArray<A>,
  page: NextPage<A, E>,
  size: number,
  limit: number
): Listing<A> => {
  /** Where to go on after a page that was to have `wanted` items, with `left` to come. */
  const goOn = (rows: ReadonlyArray<A>, wanted: number, left: number) => {
    const last = rows.at(-1)
    return last === undefined || rows.length < wanted || left <= 0
      ? Option.none()
      : Option.some({ after: last.id, left })
  }
  const rest = Option.map(goOn(first, Math.min(size, limit), limit - first.length), (begin) =>
    Stream.paginate(begin, ({ after, left }) => {
      const wanted = Math.min(size, left)
      // What made the first page fail (its parent is gone) ends the list here.
      return Effect.orElseSucceed(page(after, wanted), (): ReadonlyArray<A> => []).pipe(
        Effect.map((rows) => [[rows], goOn(rows, wanted, left - rows.length)] as const)
      )
    })
  )
  return { first, rest }
}

/**
 * Lists by key: each page begins after the last id of the one before, so a row that is there all the while is listed
 * exactly once, whatever comes and goes meanwhile.
 */
export const listing = <A extends { readonly id: number }, E>(
  page: NextPage<A, E>,
  size: number = pageSize
): Effect.Effect<Listing<A>, E> =>
  Effect.map(page(0, size), (first) => listingFrom(first, page, size, Number.POSITIVE_INFINITY))
