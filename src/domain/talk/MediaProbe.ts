import { Context, type Duration, type Effect } from "effect"
import type { ByteSpan } from "../shared/BlobRange.ts"
import type { BlobStoreUnavailable } from "../shared/BlobStore.ts"
import type { MediaFormat } from "./MediaFormat.ts"

/** How many bytes of a clip tell its format. */
export const formatBytes = 4100

/** A clip that lies somewhere, of which any part can be read. */
export interface StoredClip {
  readonly format: MediaFormat
  /** In bytes. */
  readonly size: number
  readonly read: (span: ByteSpan) => Effect.Effect<Uint8Array, BlobStoreUnavailable>
}

/** Looks into clips of strangers. */
export class MediaProbe extends Context.Service<
  MediaProbe,
  {
    /** What the first {@link formatBytes} bytes tell of, or all where there are fewer; undefined where that is no clip. */
    formatOf(head: Uint8Array): Effect.Effect<MediaFormat | undefined>
    /**
     * How long the clip plays; undefined where it does not say, is damaged, or would take more time, reading or memory to
     * find out than a clip is worth. Waits for its turn among others.
     */
    durationOf(clip: StoredClip): Effect.Effect<Duration.Duration | undefined>
  }
>()("rookery/domain/talk/MediaProbe") {}
