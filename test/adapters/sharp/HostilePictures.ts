import { crc32, deflateSync } from "node:zlib"
import { flat } from "./Pictures.ts"

const latin1 = (text: string) => Buffer.from(text, "latin1")

/** A chunk of a PNG. */
export const pngChunk = (type: string, data: Buffer): Buffer => {
  const chunk = Buffer.alloc(12 + data.length)
  chunk.writeUInt32BE(data.length, 0)
  chunk.write(type, 4, "latin1")
  data.copy(chunk, 8)
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + data.length)), 8 + data.length)
  return chunk
}

interface PngKind {
  readonly depth: number
  /** 2 for red, green and blue, 6 with opacity. */
  readonly colours: number
  readonly interlaced: number
}
const plain: PngKind = { depth: 8, colours: 2, interlaced: 0 }

const pngOf = (width: number, height: number, chunks: ReadonlyArray<Buffer>, kind = plain) => {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([kind.depth, kind.colours, 0, 0, kind.interlaced], 8)
  const end = pngChunk("IEND", Buffer.alloc(0))
  return Buffer.concat([latin1("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", head), ...chunks, end])
}

const zeros = (bytes: number) => deflateSync(Buffer.alloc(bytes), { level: 9 })

/** Four by four pixels. */
const fewPixels = pngChunk("IDAT", deflateSync(Buffer.alloc(4 * (1 + 4 * 3))))

export const riffChunk = (type: string, data: Buffer): Buffer => {
  const chunk = Buffer.alloc(8 + data.length + (data.length % 2))
  chunk.write(type, 0, "latin1")
  chunk.writeUInt32LE(data.length, 4)
  data.copy(chunk, 8)
  return chunk
}

const animatedWebp = async (frames: number) => {
  const pixel = (await flat(1, 1, "#f00").webp({ lossless: true }).toBuffer()).subarray(12)
  const head = Buffer.alloc(10)
  // It is animated.
  head.writeUInt8(2, 0)
  const frame = riffChunk("ANMF", Buffer.concat([Buffer.alloc(16), pixel]))
  const all = Array.from({ length: frames }, () => frame)
  return riffChunk(
    "RIFF",
    Buffer.concat([latin1("WEBP"), riffChunk("VP8X", head), riffChunk("ANIM", Buffer.alloc(6)), ...all])
  )
}

const animatedGif = (frames: number) => {
  const head = Buffer.from("4749463839610100010080000000ff00000000", "hex")
  const frame = Buffer.from("2c000000000100010000" + "0202440100", "hex")
  return Buffer.concat([head, ...Array.from({ length: frames }, () => frame), latin1(";")])
}

/** Says of itself that it has other dimensions. */
const relabelled = (file: Buffer, relabel: (copy: Buffer) => void) => {
  const copy = Buffer.from(file)
  relabel(copy)
  return copy
}

/** Files of at most 5 MB that would cost whoever unpacks them a lot, and what is said of them. */
export const bombs: Readonly<Record<string, () => Promise<readonly [file: Buffer, reason: RegExp]>>> = {
  "2500 megapixels in 3 kB": async () => [
    pngOf(50_000, 50_000, [pngChunk("IDAT", zeros(2_500_000))]),
    /^has more than 50 megapixels/
  ],
  "3600 megapixels of a JPEG": async () => [
    // Behind the marker: its length, the depth, and both dimensions, which are 60,000 here.
    relabelled(await flat(64, 64, "#369").jpeg().toBuffer(), (jpeg) =>
      jpeg.fill("ea60", jpeg.indexOf("ffc0", "hex") + 5, jpeg.indexOf("ffc0", "hex") + 9, "hex")
    ),
    /^has more than 50 megapixels/
  ],
  "268 megapixels of a WebP": async () => [
    // Behind the signature 0x2f: 14 bits for each dimension, less one, which are 16,383 here.
    relabelled(await flat(1, 1, "#369").webp({ lossless: true }).toBuffer(), (webp) =>
      webp.writeUInt32LE(webp.readUInt32LE(21) | 0x0f_ff_bf_fe, 21)
    ),
    /^has more than 50 megapixels/
  ],
  "49 megapixels of 8 bytes each, of which none can be had without all": async () => [
    pngOf(7000, 7000, [pngChunk("IDAT", zeros(2_500_000))], { depth: 16, colours: 6, interlaced: 1 }),
    /^takes more than 200 MB of memory/
  ],
  "a WebP of 100,000 frames": async () => [await animatedWebp(100_000), /^has more than 1000 frames/],
  "a GIF of 300,000 frames": async () => [animatedGif(300_000), /^has more than 1000 frames/],
  "a GIF with a frame of 4295 megapixels": async () => [
    relabelled(animatedGif(1), (gif) => gif.fill(0xff, 24, 28)),
    /^has more than 50 megapixels/
  ]
}

/** The same hidden where nobody looks: these are small pictures with a lot beside. */
export const ballast: Readonly<Record<string, () => Buffer>> = {
  "pixels behind the last": () => pngOf(4, 4, [pngChunk("IDAT", zeros(200_000_000))]),
  "a colour profile": () =>
    pngOf(4, 4, [pngChunk("iCCP", Buffer.concat([latin1("x\0\0"), zeros(200_000_000)])), fewPixels]),
  "a text": () => pngOf(4, 4, [pngChunk("zTXt", Buffer.concat([latin1("x\0\0"), zeros(200_000_000)])), fewPixels]),
  "many texts": () => {
    const text = pngChunk("tEXt", latin1("a\0b"))
    return pngOf(4, 4, [...Array.from({ length: 300_000 }, () => text), fewPixels])
  }
}
