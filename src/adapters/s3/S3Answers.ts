import { DateTime, Schema } from "effect"
import type { ByteSpan } from "../../domain/shared/BlobRange.ts"
import { type BlobInfo, ContentType } from "../../domain/shared/BlobStore.ts"

interface Described {
  readonly ContentType?: string | undefined
  readonly ETag?: string | undefined
  readonly LastModified?: Date | undefined
}

const unnamed = ContentType.make("application/octet-stream")
const isContentType = Schema.is(ContentType)

export const etagOf = (ETag: string | undefined) => (ETag ?? "").replaceAll('"', "")

export const infoOf = ({ ContentType, ETag, LastModified }: Described, size: number): BlobInfo => ({
  size,
  contentType: isContentType(ContentType) ? ContentType : unnamed,
  etag: etagOf(ETag),
  lastModified: DateTime.makeUnsafe(LastModified ?? 0)
})

/** `Content-Range: bytes 2-5/10`. */
export const spanIn = (
  contentRange: string | undefined
): { readonly span: ByteSpan; readonly size: number } | undefined => {
  const [, first, last, size] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(contentRange ?? "") ?? []
  return size === undefined ? undefined : { span: { first: Number(first), last: Number(last) }, size: Number(size) }
}
