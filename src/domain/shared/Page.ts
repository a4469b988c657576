/** A part of a list, by how many come before it. */
export interface PageRequest {
  /** 0 or more; beyond the end there is an empty page. */
  readonly skip: number
  /** 1 to 100. */
  readonly limit: number
}

export interface Page<A> {
  readonly items: ReadonlyArray<A>
  /** Of the whole list. */
  readonly total: number
}
