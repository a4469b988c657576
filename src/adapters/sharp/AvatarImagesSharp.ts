import { Effect, Layer, Semaphore } from "effect"
import type { Metadata } from "sharp"
import { AvatarImages, AvatarRefused, avatarSide } from "../../domain/accounts/AvatarImages.ts"
import { loadPictureLibraries } from "./PictureLibraries.ts"

/** What cameras of telephones make at most: 8160 x 6120. */
const mostPixels = 50_000_000

/** Of those that have to be unpacked as a whole: as many pixels of four bytes. */
const mostUnpacked = mostPixels * 4

/** The demuxer of WebP goes through them all for each one: 100,000 of them, which fit into 5 MB, took 40 seconds. */
const mostFrames = 1000

/** In seconds. It is looked at between lines, and so not quite kept. */
const patience = 10

/** How many are unpacked at once. That is done on libuv's four threads, which files and name lookups need as well. */
const concurrency = 2

/** One that takes more memory than this has it to itself. */
const large = mostUnpacked / 4

const accepted: ReadonlySet<string | undefined> = new Set([
  "image/jpeg",
  "image/png",
  // A PNG whose first picture is followed by others, which nobody asked for.
  "image/apng",
  "image/gif",
  "image/webp"
])

const refused = {
  empty: "is empty",
  other: "is no JPEG, PNG, GIF or WebP picture",
  damaged: "is damaged, or not all of it was sent",
  pixels: "has more than 50 megapixels: make the picture smaller",
  unpacked: "takes more than 200 MB of memory to unpack: make the picture smaller, or save it with 8 bits per channel",
  frames: `has more than ${mostFrames} frames: use a shorter animation, or a picture that stands still`,
  slow: "takes too long to unpack: make the picture smaller"
}

const options = {
  limitInputPixels: mostPixels,
  // What was cut off is no picture, and what only looks like one neither. What programs are careless about passes.
  failOn: "error",
  autoOrient: true
} as const

const reasonOf = (error: unknown): string => {
  const message = error instanceof Error ? error.message : ""
  if (message.includes("pixel limit")) return refused.pixels
  return message.startsWith("timeout") ? refused.slow : refused.damaged
}

/** Up to one more than there may be. */
const countFrames = (webp: Uint8Array): number => {
  const bytes = Buffer.from(webp.buffer, webp.byteOffset, webp.byteLength)
  let count = 0
  for (let at = bytes.indexOf("ANMF"); at >= 0 && count <= mostFrames; at = bytes.indexOf("ANMF", at + 4)) count += 1
  return count
}

/** In bytes, for formats that can't be read line by line. Of a progressive JPEG it is coefficients of two bytes each. */
const unpackedSize = ({ channels, chromaSubsampling, depth, format, height, isProgressive, width }: Metadata) => {
  const samples = chromaSubsampling === "4:2:0" ? 1.5 : channels
  const bytes = depth === "ushort" || (format === "jpeg" && isProgressive) ? 2 : 1
  return width * height * samples * bytes
}

/** Loads its libraries, some 20 MB, when the first picture comes. */
export const AvatarImagesSharp = Layer.effect(
  AvatarImages,
  Effect.gen(function* () {
    const threads = yield* Semaphore.make(concurrency)

    // Native work can't be called back: an interrupted caller keeps its permits until the thread is free again.
    const onThreads = <A>(permits: number, work: () => Promise<A>) =>
      Effect.tryPromise(work).pipe(
        Effect.tapError(({ cause }) => Effect.logDebug("A picture was refused", cause)),
        Effect.mapError(({ cause }) => new AvatarRefused({ reason: reasonOf(cause) })),
        Effect.uninterruptible,
        threads.withPermits(permits)
      )

    const square = Effect.fn("AvatarImages.square")(function* (file: Uint8Array) {
      if (file.length === 0) return yield* new AvatarRefused({ reason: refused.empty })
      const { sharp, typeOf } = yield* Effect.promise(loadPictureLibraries)
      const type = yield* Effect.promise(() => typeOf(file))
      if (!accepted.has(type)) return yield* new AvatarRefused({ reason: refused.other })
      if (type === "image/webp" && countFrames(file) > mostFrames) {
        return yield* new AvatarRefused({ reason: refused.frames })
      }
      const head = yield* onThreads(1, () => sharp(file, options).metadata())
      if ((head.pages ?? 1) > mostFrames) return yield* new AvatarRefused({ reason: refused.frames })
      const memory = unpackedSize(head)
      if (memory > mostUnpacked) return yield* new AvatarRefused({ reason: refused.unpacked })
      const side = Math.min(avatarSide, head.width, head.height)
      return yield* onThreads(memory > large ? concurrency : 1, () =>
        sharp(file, options).resize(side, side, { fit: "cover" }).webp().timeout({ seconds: patience }).toBuffer()
      )
    })

    return AvatarImages.of({ square })
  })
)
