import type { PageRequest } from "../../domain/shared/Page.ts"

export interface LinkedPage extends PageRequest {
  /** The list, as an absolute URL without a query. */
  readonly url: string
  /** What else was asked for, and is asked for again by each link. */
  readonly query?: Readonly<Record<string, string | undefined>>
  /** Of the whole list. */
  readonly total: number
}

/**
 * The `Link` of a page (RFC 8288): `first` and `last` always, `prev` and `next` where there is such a page. The pages
 * that `next` leads to end at `last`, wherever they began; from beyond the end `prev` leads back to `last`.
 */
export const pageLinks = ({ limit, query = {}, skip, total, url }: LinkedPage): string => {
  const offset = skip % limit
  const last = Math.max(0, total <= offset ? 0 : offset + Math.floor((total - 1 - offset) / limit) * limit)
  const asked = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
  const others = asked.length === 0 ? "" : `${new URLSearchParams(asked).toString()}&`
  const link = (rel: string, to: number) => `<${url}?${others}skip=${to}&limit=${limit}>; rel="${rel}"`
  return [
    link("first", 0),
    ...(skip > 0 ? [link("prev", Math.min(Math.max(0, skip - limit), last))] : []),
    ...(skip + limit < total ? [link("next", skip + limit)] : []),
    link("last", last)
  ].join(", ")
}
