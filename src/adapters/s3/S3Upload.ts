import { Duration, Effect, Exit, Stream } from "effect"
import type { BlobKey, ContentType } from "../../domain/shared/BlobStore.ts"
import { type Ask, S3Failed, unavailable } from "./S3Connection.ts"

/** The least that S3 takes of all parts but the last. With 10,000 parts of them a blob has at most 48 GiB. */
const partSize = 5 * 1024 * 1024

/** Whoever interrupts an upload waits for it. What is not taken back is found a day later. */
const abortPatience = Duration.seconds(5)

const firstCapacity = 64 * 1024

/** Bytes that wait until they are a part. What is added after `clear` overwrites those that `bytes` gave. */
class PartBuffer {
  #bytes = Buffer.allocUnsafeSlow(firstCapacity)
  #length = 0

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  get full(): boolean {
    return this.#length === partSize
  }

  /** Takes what has room; the answer is the rest. */
  add(chunk: Uint8Array): Uint8Array {
    const taken = chunk.subarray(0, partSize - this.#length)
    const needed = this.#length + taken.length
    if (needed > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.min(partSize, Math.max(needed, 2 * this.#bytes.length)))
      grown.set(this.bytes)
      this.#bytes = grown
    }
    this.#bytes.set(taken, this.#length)
    this.#length = needed
    return chunk.subarray(taken.length)
  }

  clear(): void {
    this.#length = 0
  }
}

interface Target {
  readonly Bucket: string
  readonly Key: BlobKey
}

interface Uploaded {
  readonly etag: string | undefined
  readonly size: number
}

/** One part after the other, each from the same few megabytes of memory. */
const partsOf = (ask: Ask, target: Target, UploadId: string) => {
  const parts: Array<{ readonly ETag: string | undefined; readonly PartNumber: number }> = []
  return {
    send: (Body: Uint8Array) => {
      const PartNumber = parts.length + 1
      const part = { ...target, UploadId, PartNumber, Body, ContentLength: Body.length }
      return Effect.map(
        ask((s3, abortable) => s3.uploadPart(part, abortable)),
        ({ ETag }) => void parts.push({ ETag, PartNumber })
      )
    },
    complete: Effect.suspend(() =>
      ask((s3, abortable) =>
        s3.completeMultipartUpload({ ...target, UploadId, MultipartUpload: { Parts: parts } }, abortable)
      )
    ),
    abort: Effect.ignore(
      ask((s3, abortable) => s3.abortMultipartUpload({ ...target, UploadId }, abortable), abortPatience)
    )
  }
}
type Parts = ReturnType<typeof partsOf>

/**
 * A stream of up to one part is stored in one request. A longer one is an upload in parts: it appears as a whole when it is
 * completed, and is taken back when it is not.
 */
export const upload = <E, R>(
  ask: Ask,
  target: Target,
  stream: Stream.Stream<Uint8Array, E, R>,
  ContentType: ContentType
) =>
  Effect.suspend(() => {
    const buffer = new PartBuffer()
    let parts: Parts | undefined
    let size = 0
    const io = Effect.mapError(unavailable)

    // Nothing comes between the answer and its being known whose upload that is.
    const begin = Effect.uninterruptibleMask((restore) =>
      restore(ask((s3, abortable) => s3.createMultipartUpload({ ...target, ContentType }, abortable))).pipe(
        Effect.flatMap(({ UploadId }) =>
          UploadId === undefined
            ? Effect.fail(new S3Failed({ code: "NoUploadId" }))
            : Effect.sync(() => (parts = partsOf(ask, target, UploadId)))
        )
      )
    )

    const flush = Effect.gen(function* () {
      const upload = parts ?? (yield* begin)
      yield* upload.send(buffer.bytes)
      buffer.clear()
    }).pipe(io)

    const take = Effect.fnUntraced(function* (chunk: Uint8Array) {
      size += chunk.length
      for (let rest = chunk; rest.length > 0; rest = buffer.add(rest)) if (buffer.full) yield* flush
    })

    const finish = Effect.gen(function* () {
      const { bytes } = buffer
      const whole = { ...target, ContentType, Body: bytes, ContentLength: bytes.length }
      if (parts === undefined) return yield* ask((s3, abortable) => s3.putObject(whole, abortable))
      yield* parts.send(bytes)
      return yield* parts.complete
    }).pipe(io)

    return Stream.runForEach(stream, take).pipe(
      Effect.andThen(finish),
      Effect.map(({ ETag }): Uploaded => ({ etag: ETag, size })),
      Effect.onExit((exit) => (Exit.isFailure(exit) && parts !== undefined ? parts.abort : Effect.void))
    )
  })
