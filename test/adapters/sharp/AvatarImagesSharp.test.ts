import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Result, Schema } from "effect"
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import sharp, { type Sharp } from "sharp"
import { afterAll, beforeAll } from "vitest"
import { AvatarImagesSharp } from "../../../src/adapters/sharp/AvatarImagesSharp.ts"
import { AvatarImages, AvatarRefused } from "../../../src/domain/accounts/AvatarImages.ts"
import { avatarImagesContract } from "../../contracts/avatarImagesContract.ts"
import { ballast, bombs, pngChunk, riffChunk } from "./HostilePictures.ts"
import { flat, formats, noise, quarters, quartersOf, quick } from "./Pictures.ts"

avatarImagesContract("sharp", AvatarImagesSharp)

const square = (file: Uint8Array) =>
  AvatarImages.use((images) => images.square(file)).pipe(Effect.provide(AvatarImagesSharp))
const reasonOf = (file: Uint8Array) => Effect.map(Effect.flip(square(file)), ({ reason }) => reason)
const bytesOf = (picture: Sharp) => Effect.promise(() => picture.toBuffer())
const metadataOf = (picture: Uint8Array) => Effect.promise(() => sharp(picture).metadata())
const sizeOf = (picture: Uint8Array) => Effect.map(metadataOf(picture), ({ height, width }) => [width, height])

const Byte = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))

const damaged = "is damaged, or not all of it was sent"

describe("an avatar", () => {
  it.live.each(formats)("is a square WebP of 512 pixels of a %s", (format) =>
    Effect.gen(function* () {
      for (const [width, height] of [
        [700, 513],
        [512, 512],
        [600, 2000]
      ] as const) {
        const made = yield* square(yield* bytesOf(noise(width, height).toFormat(format, quick)))
        const { format: as, height: high, pages, width: wide } = yield* metadataOf(made)
        assert.deepStrictEqual([as, wide, high, pages], ["webp", 512, 512, undefined])
      }
    })
  )

  it.live("is never larger than the picture was", () =>
    Effect.gen(function* () {
      for (const [width, height, side] of [
        [511, 600, 511],
        [100, 60, 60],
        [2000, 3, 3],
        [1, 1, 1],
        [1, 900, 1]
      ] as const) {
        const made = yield* square(yield* bytesOf(noise(width, height).png()))
        assert.deepStrictEqual(yield* sizeOf(made), [side, side])
      }
    })
  )

  it.live("is the middle of the picture", () =>
    Effect.gen(function* () {
      const wide = flat(900, 300, "#f00").composite([{ input: yield* bytesOf(quarters(300).png()), left: 300, top: 0 }])
      const file = yield* bytesOf(wide.png())
      assert.strictEqual(yield* Effect.promise(async () => quartersOf(await wide.png().toBuffer())), "RRRR")
      assert.strictEqual(yield* Effect.promise(async () => quartersOf(file)), "RRRR")
      const made = yield* square(file)
      assert.deepStrictEqual(yield* sizeOf(made), [300, 300])
      assert.strictEqual(yield* Effect.promise(() => quartersOf(made)), "RGBW")
    })
  )

  // EXIF 2.32, 4.6.4 A: where the first row and the first column of the stored picture belong.
  it.live.each([
    [1, "RGBW"],
    [2, "GRWB"],
    [3, "WBGR"],
    [4, "BWRG"],
    [5, "RBGW"],
    [6, "BRWG"],
    [7, "WGBR"],
    [8, "GWRB"]
  ] as const)("stands upright where the camera was held otherwise (%i)", ([orientation, expected]) =>
    Effect.gen(function* () {
      for (const format of ["jpeg", "png", "webp"] as const) {
        const file = yield* bytesOf(quarters(640).withMetadata({ orientation }).toFormat(format, quick))
        const made = yield* square(file)
        assert.strictEqual(yield* Effect.promise(() => quartersOf(made)), expected, format)
        assert.isUndefined((yield* metadataOf(made)).orientation)
      }
    })
  )

  it.live.each(["jpeg", "png", "webp"] as const)("has nothing of what a %s says beside its pixels", (format) =>
    Effect.gen(function* () {
      const secret = "51/1 30/1 2637/100"
      const told = noise(600, 600)
        .withExif({
          IFD0: { Copyright: "Ada's own", Model: "Engine 2" },
          IFD3: { GPSLatitude: secret, GPSLatitudeRef: "N" }
        })
        .withXmp(
          '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></x:xmpmeta>'
        )
        .withIccProfile("p3")
      const file = yield* bytesOf(told.toFormat(format))
      const before = yield* metadataOf(file)
      assert.isTrue([before.exif, before.xmp, before.icc].every((part) => (part?.length ?? 0) > 0))
      assert.isTrue(file.includes("Ada's own"))

      const made = Buffer.from(yield* square(file))
      const { exif, hasProfile, icc, iptc, xmp } = yield* metadataOf(made)
      assert.deepStrictEqual(
        { exif, hasProfile, icc, iptc, xmp },
        { exif: undefined, hasProfile: false, icc: undefined, iptc: undefined, xmp: undefined }
      )
      for (const word of ["Ada's own", "Engine 2", "xmpmeta", "EXIF", "ICCP", "XMP "])
        assert.isFalse(made.includes(word), word)
    })
  )

  it.live("keeps its colours where the file named others than those of the web", () =>
    Effect.gen(function* () {
      const file = yield* bytesOf(flat(64, 64, "#c83c3c").removeAlpha().withIccProfile("p3").png())
      const stored = yield* bytesOf(sharp(file, { ignoreIcc: true }).raw())
      assert.isAbove(Math.abs((stored[1] ?? 0) - 0x3c), 6)
      const made = yield* square(file)
      const colours = yield* bytesOf(sharp(made).raw())
      for (const [index, value] of [0xc8, 0x3c, 0x3c].entries()) assert.approximately(colours[index] ?? 0, value, 6)
    })
  )

  it.live.each(["png", "webp", "gif"] as const)("is transparent where the %s was", (format) =>
    Effect.gen(function* () {
      const made = yield* square(yield* bytesOf(flat(600, 600, "#f000").toFormat(format, quick)))
      const { data, info } = yield* Effect.promise(() => sharp(made).raw().toBuffer({ resolveWithObject: true }))
      assert.deepStrictEqual([info.channels, data[3]], [4, 0])
    })
  )

  it.live.each(["gif", "webp"] as const)("is the first frame of an animated %s", (format) =>
    Effect.gen(function* () {
      const frames = yield* Effect.all(["#f00", "#0f0", "#00f"].map((colour) => bytesOf(flat(80, 80, colour).png())))
      const file = yield* bytesOf(sharp(frames, { join: { animated: true } }).toFormat(format, quick))
      assert.strictEqual((yield* metadataOf(file)).pages, 3)
      const made = yield* square(file)
      assert.isUndefined((yield* metadataOf(made)).pages)
      assert.strictEqual(yield* Effect.promise(() => quartersOf(made)), "RRRR")
    })
  )

  it.live("is made of every kind of those formats", () =>
    Effect.gen(function* () {
      const png = yield* bytesOf(noise(60, 50).png())
      // An APNG says so between its header and its pixels.
      const animation = pngChunk("acTL", Buffer.from([0, 0, 0, 1, 0, 0, 0, 0]))
      const kinds: Readonly<Record<string, Buffer>> = {
        "progressive JPEG": yield* bytesOf(noise(60, 50).jpeg({ progressive: true, chromaSubsampling: "4:4:4" })),
        "CMYK JPEG": yield* bytesOf(noise(60, 50).toColourspace("cmyk").jpeg()),
        "grey JPEG": yield* bytesOf(noise(60, 50).greyscale().jpeg()),
        "interlaced PNG": yield* bytesOf(noise(60, 50).png({ progressive: true })),
        "PNG of 16 bits": yield* bytesOf(noise(60, 50).toColourspace("rgb16").png()),
        "PNG of two colours": yield* bytesOf(quarters(50).png({ palette: true, colours: 2 })),
        "grey PNG": yield* bytesOf(noise(60, 50).greyscale().png()),
        APNG: Buffer.concat([png.subarray(0, 33), animation, png.subarray(33)]),
        "WebP without loss": yield* bytesOf(noise(60, 50).webp({ lossless: true })),
        "interlaced GIF": yield* bytesOf(noise(60, 50).gif({ progressive: true }))
      }
      for (const [kind, file] of Object.entries(kinds)) {
        assert.deepStrictEqual(yield* sizeOf(yield* square(file)), [50, 50], kind)
      }
    })
  )
})

describe("a file that is not what it seems", () => {
  it.live.each([
    ["a GIF that is a script", "GIF89a=1;//;alert(1);".padEnd(500, "alert(1);")],
    ["a JPEG that is a page", "\xff\xd8\xff\xe0<script>alert(1)</script>".padEnd(500)],
    ["a PNG that is a program", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR<?php system($_GET[0]); ?>".padEnd(500)],
    ["a WebP that is a text", "RIFF\x20\0\0\0WEBPVP8 and more".padEnd(500)]
  ])("is refused: %s", ([, text]) =>
    Effect.gen(function* () {
      assert.include([damaged, "is no JPEG, PNG, GIF or WebP picture"], yield* reasonOf(Buffer.from(text, "latin1")))
    })
  )

  it.live.each(["tiff", "avif"] as const)("is refused: a real picture of another format (%s)", (format) =>
    Effect.gen(function* () {
      const file = yield* bytesOf(noise(60, 50).toFormat(format, quick))
      assert.strictEqual(yield* reasonOf(file), "is no JPEG, PNG, GIF or WebP picture")
    })
  )

  it.live("finds no library that would read more than those formats", () =>
    Effect.gen(function* () {
      yield* square(yield* bytesOf(noise(9, 9).png()))
      const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
      for (const file of [svg, yield* bytesOf(noise(9, 9).tiff()), yield* bytesOf(noise(9, 9).avif())]) {
        const error = yield* Effect.flip(Effect.tryPromise(() => sharp(file).metadata()))
        assert.match(String(error.cause), /unsupported image format/)
      }
    })
  )

  it.live.each(formats)("is refused: a %s that ends early", (format) =>
    Effect.gen(function* () {
      const file = yield* bytesOf(noise(300, 200).toFormat(format, quick))
      for (const share of [0.02, 0.1, 0.5, 0.95]) {
        const part = file.subarray(0, Math.floor(file.length * share))
        assert.deepStrictEqual(yield* Effect.flip(square(part)), new AvatarRefused({ reason: damaged }), `${share}`)
      }
    })
  )

  it.live("leaves nothing of what it is besides", () =>
    Effect.gen(function* () {
      const payload = Buffer.from("PK\x03\x04<script>alert('payload')</script><?php payload ?>", "latin1")
      const [jpeg, png, gif, webp] = yield* Effect.all(
        formats.map((format) => bytesOf(noise(90, 90).toFormat(format, quick)))
      )
      assert(jpeg !== undefined && png !== undefined && gif !== undefined && webp !== undefined)
      const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0, payload.length + 2]), payload])
      const spoken = Buffer.concat([Buffer.from([0x21, 0xfe, payload.length]), payload, Buffer.alloc(1)])
      const chunk = riffChunk("junk", payload)
      const longer = Buffer.concat([webp, chunk])
      longer.writeUInt32LE(longer.length - 8, 4)
      const files: Readonly<Record<string, Buffer>> = {
        "after a JPEG": Buffer.concat([jpeg, payload]),
        "after a PNG": Buffer.concat([png, payload]),
        "after a GIF": Buffer.concat([gif, payload]),
        "after a WebP": Buffer.concat([webp, payload]),
        "in a comment of a JPEG": Buffer.concat([jpeg.subarray(0, 2), comment, jpeg.subarray(2)]),
        "in a text of a PNG": Buffer.concat([
          png.subarray(0, 33),
          pngChunk("tEXt", Buffer.concat([Buffer.from("Comment\0"), payload])),
          png.subarray(33)
        ]),
        "in a comment of a GIF": Buffer.concat([gif.subarray(0, -1), spoken, gif.subarray(-1)]),
        "in a chunk of a WebP": longer
      }
      for (const [where, file] of Object.entries(files)) {
        assert.isTrue(file.includes("payload"), where)
        const made = Buffer.from(yield* square(file))
        for (const word of ["payload", "PK\x03\x04", "script", "junk"]) assert.isFalse(made.includes(word), where)
      }
    })
  )

  const Change = Schema.Struct({ at: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 399 })), to: Byte })
  const seen = new Map<boolean, number>()
  it.live.prop(
    "is refused or made an avatar of, and never breaks anything, whatever its bytes",
    { format: Schema.Literals(formats), changes: Schema.NonEmptyArray(Change) },
    ({ changes, format }) =>
      Effect.gen(function* () {
        const bytes = new Uint8Array(yield* bytesOf(noise(24, 24).toFormat(format, quick)))
        for (const { at, to } of changes) bytes[at % bytes.length] = to
        const made = Result.isSuccess(yield* Effect.result(square(bytes)))
        seen.set(made, (seen.get(made) ?? 0) + 1)
      }),
    { arbitrary: { runs: 300 } }
  )

  it("was either, in that", () => {
    assert.isAbove(Math.min(seen.get(true) ?? 0, seen.get(false) ?? 0), 10)
  })
})

describe("a file that would cost much", () => {
  let folder = ""
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "rookery-avatars-"))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  /** What it takes in a process of its own, where nothing else has used memory. */
  const squareAlone = (file: Buffer): { outcome: string; milliseconds: number; megabytes: number } => {
    const path = join(folder, crypto.randomUUID())
    writeFileSync(path, file)
    return JSON.parse(execFileSync(process.execPath, [join(import.meta.dirname, "squareFile.ts"), path]).toString())
  }

  it.each(Object.entries(bombs))("is refused: %s", { timeout: 120_000 }, async (_, bomb) => {
    const [file, reason] = await bomb()
    assert.isAtMost(file.length, 5 * 1024 * 1024)
    const { megabytes, milliseconds, outcome } = squareAlone(file)
    assert.match(outcome, reason)
    assert.isBelow(megabytes, 40)
    assert.isBelow(milliseconds, 1000)
  })

  it.each(Object.entries(ballast))("costs little where it is none of the picture: %s", (_, picture) => {
    const { megabytes, milliseconds } = squareAlone(picture())
    assert.isBelow(megabytes, 40)
    assert.isBelow(milliseconds, 1000)
  })

  it("takes no more than its pixels where it is accepted", { timeout: 120_000 }, async () => {
    const file = await flat(8000, 6200, "#369").removeAlpha().png({ progressive: true }).toBuffer()
    const { megabytes, outcome } = squareAlone(file)
    assert.strictEqual(outcome, "accepted")
    assert.isBelow(megabytes, 250)
  })
})

describe("many files at once", () => {
  /** The most that were unpacked at one time while the effect ran. */
  const busiest = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.gen(function* () {
      let most = 0
      const look = Effect.sync(() => {
        most = Math.max(most, sharp.counters().process)
      })
      const looking = yield* Effect.forkChild(Effect.forever(Effect.andThen(look, Effect.sleep("1 millis"))))
      const answer = yield* effect
      yield* Fiber.interrupt(looking)
      return { most, answer }
    })

  it.live("take turns, two at a time, also when their senders go away", () =>
    Effect.gen(function* () {
      const images = yield* AvatarImages
      const file = yield* bytesOf(noise(1500, 1500).png())
      const fibers = yield* Effect.forEach(Array.from({ length: 8 }), () =>
        Effect.forkChild(images.square(file), { startImmediately: true })
      )
      const { most, answer } = yield* busiest(
        Effect.gen(function* () {
          yield* Effect.sleep("60 millis")
          yield* Fiber.interruptAll(fibers.slice(0, 3))
          return yield* Fiber.joinAll(fibers.slice(3))
        })
      )
      assert.lengthOf(answer, 5)
      assert.strictEqual(most, 2)
    }).pipe(Effect.provide(AvatarImagesSharp))
  )

  it.live("take turns one by one where each needs much memory", () =>
    Effect.gen(function* () {
      const images = yield* AvatarImages
      const file = yield* bytesOf(flat(4200, 4200, "#369").png())
      const { most } = yield* busiest(Effect.replicateEffect(images.square(file), 4, { concurrency: "unbounded" }))
      assert.strictEqual(most, 1)
    }).pipe(Effect.provide(AvatarImagesSharp))
  )
})
