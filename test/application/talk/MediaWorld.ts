import { Effect, HashMap, Layer, Stream } from "effect"
import { StoredBlobs } from "../../../src/adapters/memory/BlobStoreMemory.ts"
import { MemoryWorld } from "../../../src/adapters/memory/MemoryWorld.ts"
import { MediaExpiry } from "../../../src/application/talk/MediaExpiry.ts"
import { MediaLibrary } from "../../../src/application/talk/MediaLibrary.ts"
import type { BlobRange } from "../../../src/domain/shared/BlobRange.ts"
import { MediaProbe } from "../../../src/domain/talk/MediaProbe.ts"
import type { MediaId } from "../../../src/domain/talk/Media.ts"
import { MediaRepository } from "../../../src/domain/talk/MediaRepository.ts"
import { MemoryPorts } from "../../../src/RookeryMemory.ts"
import { blobsWith, type Step } from "../shared/KilledProcess.ts"
import { type Person, talkOn } from "./TalkWorld.ts"

/** People and their clips, with what clears away those that were not sent. Their blobs are only scheduled to go. */
export const MediaWorld = Layer.merge(talkOn(MemoryPorts), MediaExpiry).pipe(Layer.provideMerge(MemoryPorts))

/** What is stored, what waits to be removed, and what should be there. */
export const blobs = Effect.gen(function* () {
  const [stored, world] = [yield* StoredBlobs, yield* MemoryWorld]
  const { media, outbox } = yield* world.read((now) => now)
  return {
    stored: [...(yield* stored.keys)].toSorted(),
    removals: HashMap.toValues(outbox)
      .filter(({ entry }) => entry.destination === "blobs")
      .map(({ entry }) => entry.subject.replace("blobs/", ""))
      .toSorted(),
    named: HashMap.toValues(media)
      .map((row) => row.media.blobKey)
      .toSorted()
  }
})

/** In chunks of so many bytes, counting those that were asked for. */
export const chunked = (file: Uint8Array, size: number, count: () => void = () => {}) =>
  Stream.fromIterable(
    Array.from({ length: Math.ceil(file.length / size) }, (_, n) => file.subarray(n * size, (n + 1) * size))
  ).pipe(
    Stream.rechunk(1),
    Stream.tap(() => Effect.sync(count))
  )

/** All that a reader gets of a clip. */
export const bytesOf = (reader: Pick<Person, "id">, id: MediaId, range?: BlobRange) =>
  MediaLibrary.use((library) => library.open(reader.id, id, range)).pipe(
    Effect.flatMap(({ blob }) => Stream.mkUint8Array(blob.stream)),
    Effect.scoped
  )

/** The library in a process that may be killed before any of the steps that it takes outside itself. */
export const LibraryWith = (step: Step) => {
  const Probe = Layer.effect(
    MediaProbe,
    MediaProbe.useSync((probe) =>
      MediaProbe.of({
        formatOf: (head) => step(probe.formatOf(head)),
        durationOf: (clip) => step(probe.durationOf(clip))
      })
    )
  )
  const Media = Layer.effect(
    MediaRepository,
    MediaRepository.useSync((media) =>
      MediaRepository.of({ ...media, insert: (clip, now) => step(media.insert(clip, now)) })
    )
  )
  return Layer.fresh(MediaLibrary.layer).pipe(Layer.provide(Layer.mergeAll(blobsWith(step), Probe, Media)))
}
