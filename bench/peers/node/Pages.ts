export interface Page {
  readonly skip: number
  readonly limit: number
  /** Of the whole list. */
  readonly total: number
  readonly search?: string | undefined
}

/** The headers of a part of a list: how long it is, and where its other parts are (RFC 8288). */
export const pageHeaders = (url: string, { limit, search, skip, total }: Page) => {
  const offset = skip % limit
  const last = Math.max(0, total <= offset ? 0 : offset + Math.floor((total - 1 - offset) / limit) * limit)
  const query = search === undefined ? "" : `${new URLSearchParams({ search })}&`
  const link = (rel: string, to: number) => `<${url}?${query}skip=${to}&limit=${limit}>; rel="${rel}"`
  const previous = skip > 0 ? `, ${link("prev", Math.min(Math.max(0, skip - limit), last))}` : ""
  const next = skip + limit < total ? `, ${link("next", skip + limit)}` : ""
  return { "x-total-count": String(total), link: `${link("first", 0)}${previous}${next}, ${link("last", last)}` }
}
