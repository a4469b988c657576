/** A part of a blob, as one `Range` of RFC 9110 (14.1.2) asks for it; whole numbers from 0 on. */
export type BlobRange =
  /** From the byte `first` through `last`, or to the end. */
  | { readonly first: number; readonly last?: number | undefined }
  /** The last so many bytes. */
  | { readonly suffix: number }

/** Bytes that there are: from `first` through `last`. */
export interface ByteSpan {
  readonly first: number
  readonly last: number
}

/** What of `size` bytes the range stands for; undefined where that is nothing. */
export const spanOf = (range: BlobRange, size: number): ByteSpan | undefined => {
  const first = "suffix" in range ? Math.max(0, size - range.suffix) : range.first
  const last = "suffix" in range ? size - 1 : Math.min(range.last ?? size - 1, size - 1)
  return first <= last ? { first, last } : undefined
}

/** The value of a `Range` header. */
export const rangeHeader = (range: BlobRange): string =>
  "suffix" in range ? `bytes=-${range.suffix}` : `bytes=${range.first}-${range.last ?? ""}`
