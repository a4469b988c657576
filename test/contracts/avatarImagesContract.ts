import { assert, layer } from "@effect/vitest"
import { Effect, type Layer } from "effect"
import { AvatarImages, AvatarRefused } from "../../src/domain/accounts/AvatarImages.ts"

const bytesOf = (base64: string) => new Uint8Array(Buffer.from(base64, "base64"))

/** One red pixel, and one blue. */
const pictures = {
  JPEG: [
    "/9j/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1xeXBkeFxlZ2P/2wBDARESEhgVGC8aGi9jQjhCY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2P/wAARCAABAAEDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAX/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFQEBAQAAAAAAAAAAAAAAAAAABQb/xAAUEQEAAAAAAAAAAAAAAAAAAAAA/9oADAMBAAIRAxEAPwCKALXj/9k=",
    "/9j/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1xeXBkeFxlZ2P/2wBDARESEhgVGC8aGi9jQjhCY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2P/wAARCAABAAEDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAb/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFQEBAQAAAAAAAAAAAAAAAAAABAb/xAAUEQEAAAAAAAAAAAAAAAAAAAAA/9oADAMBAAIRAxEAPwCNAXgr/9k="
  ],
  PNG: [
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAMAAAAoyzS7AAAAA1BMVEX/AAAZ4gk3AAAACXBIWXMAAAPoAAAD6AG1e1JrAAAACklEQVQImWNgAAAAAgAB9HFkpgAAAABJRU5ErkJggg==",
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAMAAAAoyzS7AAAAA1BMVEUAAP+KeNJXAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAACklEQVQImWNgAAAAAgAB9HFkpgAAAABJRU5ErkJggg=="
  ],
  GIF: [
    "R0lGODlhAQABAIAAAExpcf8AACH5BAUAAAAALAAAAAABAAEAAAICTAEAOw==",
    "R0lGODlhAQABAIAAAExpcQAA/yH5BAUAAAAALAAAAAABAAEAAAICTAEAOw=="
  ],
  WebP: [
    "UklGRjgAAABXRUJQVlA4ICwAAACQAQCdASoBAAEAAsBMJaACdLoAA5gA/u5DH+5sc4twV/9tD/9aH/60P+lAAA==",
    "UklGRjoAAABXRUJQVlA4IC4AAACwAQCdASoBAAEAAsBMJaACdAEO/gLsAP74Ryo/9tD//20P//bQ/6jvBskU5IAA"
  ]
} as const

const none: Readonly<Record<string, string>> = {
  "a text": "Not a picture, whatever its name says.\n",
  HTML: "<!doctype html><title>x</title><script>alert(1)</script>",
  SVG: '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>',
  "SVG behind a declaration": '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>',
  PDF: "%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF",
  BMP: "BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\x18\0\0\0\0\0\x04\0\0\0",
  TIFF: "II*\0\x08\0\0\0\0\0\0\0\0\0",
  "a sound": "RIFF\x24\0\0\0WAVEfmt \x10\0\0\0",
  "the beginning of a beginning": "\x89PNG"
}

/** Every AvatarImages must pass this, whether it unpacks pictures or only looks at their first bytes. */
export const avatarImagesContract = <E>(name: string, adapter: Layer.Layer<AvatarImages, E>) =>
  layer(adapter)(`AvatarImages: ${name}`, (it) => {
    it.effect.each(Object.entries(pictures))("makes WebP of %s", ([, [red, blue]]) =>
      Effect.gen(function* () {
        const images = yield* AvatarImages
        const made = yield* images.square(bytesOf(red))
        assert.match(Buffer.from(made.subarray(0, 12)).toString("latin1"), /^RIFF[^]{4}WEBP$/)
        assert.deepStrictEqual(Buffer.from(yield* images.square(bytesOf(red))), Buffer.from(made))
        assert.notDeepEqual(Buffer.from(yield* images.square(bytesOf(blue))), Buffer.from(made))
      })
    )

    it.effect("reads no further than the file in memory that holds more", () =>
      Effect.gen(function* () {
        const images = yield* AvatarImages
        const file = bytesOf(pictures.PNG[0])
        const memory = new Uint8Array(2 * file.length + 9).fill(0xff)
        memory.set(file, 9)
        const made = yield* images.square(memory.subarray(9, 9 + file.length))
        assert.deepStrictEqual(Buffer.from(made), Buffer.from(yield* images.square(file)))
      })
    )

    it.effect.each(Object.entries(none))("refuses %s", ([, text]) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip((yield* AvatarImages).square(new Uint8Array(Buffer.from(text, "latin1"))))
        assert.deepStrictEqual(error, new AvatarRefused({ reason: "is no JPEG, PNG, GIF or WebP picture" }))
      })
    )

    it.effect("refuses a file of no bytes", () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip((yield* AvatarImages).square(new Uint8Array(0)))
        assert.deepStrictEqual(error, new AvatarRefused({ reason: "is empty" }))
      })
    )
  })
