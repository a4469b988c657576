import { Effect, type Scope, Sink, Stream } from "effect"
import { MediaTooLarge } from "../../domain/talk/Media.ts"

/** The same stream, failing at the first byte too many. */
export const atMost = <E, R>(
  file: Stream.Stream<Uint8Array, E, R>,
  most: number
): Stream.Stream<Uint8Array, E | MediaTooLarge, R> =>
  Stream.suspend(() => {
    let length = 0
    return Stream.mapArrayEffect(file, (chunks) => {
      for (const chunk of chunks) length += chunk.length
      return length > most ? Effect.fail(new MediaTooLarge({ most })) : Effect.succeed(chunks)
    })
  })

/** The beginning of a stream, as long as the scope is open. */
export interface Head<E = never> {
  /** So many as were asked for, or all where there are fewer. */
  readonly bytes: Uint8Array
  /** Once more from the first byte. */
  readonly whole: Stream.Stream<Uint8Array, E>
}

interface Begun {
  readonly chunks: Array<Uint8Array>
  length: number
}

/** The first `length` bytes, without reading on. */
export const peelHead = Effect.fnUntraced(function* <E, R>(
  file: Stream.Stream<Uint8Array, E, R>,
  length: number
): Effect.fn.Return<Head<E>, E, R | Scope.Scope> {
  const beginning = Sink.reduceWhile<Begun, Uint8Array>(
    () => ({ chunks: [], length: 0 }),
    (begun) => begun.length < length,
    (begun, chunk) => {
      begun.chunks.push(chunk)
      begun.length += chunk.length
      return begun
    }
  )
  const [begun, rest] = yield* Stream.peel(file, beginning)
  const bytes = new Uint8Array(Math.min(length, begun.length))
  let at = 0
  for (const chunk of begun.chunks) {
    const part = chunk.subarray(0, bytes.length - at)
    bytes.set(part, at)
    at += part.length
  }
  return { bytes, whole: Stream.concat(Stream.fromIterable(begun.chunks), rest) }
})
