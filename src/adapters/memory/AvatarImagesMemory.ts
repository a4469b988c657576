import { Effect, Layer } from "effect"
import { createHash } from "node:crypto"
import { AvatarImages, AvatarRefused } from "../../domain/accounts/AvatarImages.ts"

/** How files of the formats begin, in Latin-1. */
const beginning = /^(?:\xff\xd8\xff|\x89PNG\r\n.\n|GIF8[79]a|RIFF[^]{4}WEBP)/

/** Looks no further than the first bytes. What it makes is no picture, but begins like one, and is another for another file. */
export const AvatarImagesMemory = Layer.succeed(
  AvatarImages,
  AvatarImages.of({
    square: (file) =>
      Effect.suspend(() => {
        if (file.length === 0) return Effect.fail(new AvatarRefused({ reason: "is empty" }))
        if (!beginning.test(Buffer.from(file.subarray(0, 12)).toString("latin1"))) {
          return Effect.fail(new AvatarRefused({ reason: "is no JPEG, PNG, GIF or WebP picture" }))
        }
        const digest = createHash("sha256").update(file).digest()
        const head = Buffer.from("RIFF    WEBPVP8 ", "latin1")
        head.writeUInt32LE(head.length - 8 + digest.length, 4)
        return Effect.succeed(new Uint8Array(Buffer.concat([head, digest])))
      })
  })
)
