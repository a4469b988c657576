const ascii = (text: string) => Buffer.from(text, "latin1")
const zeros = (length: number) => Buffer.alloc(length)
const concat = (...parts: ReadonlyArray<Uint8Array>) => Buffer.concat(parts)

const big16 = (value: number) => Buffer.from([value >>> 8, value & 255])
const big32 = (value: number) => Buffer.from([value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255])
const big64 = (value: number) => concat(big32(Math.floor(value / 2 ** 32)), big32(value >>> 0))
const little16 = (value: number) => big16(value).reverse()
const little32 = (value: number) => big32(value).reverse()
const float64 = (value: number) => {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return bytes
}

/** 8000 samples of one byte each second. */
export const wav = (seconds: number) => {
  const data = zeros(8000 * seconds)
  const format = [little16(1), little16(1), little32(8000), little32(8000), little16(1), little16(8)]
  const chunks = concat(ascii("WAVEfmt "), little32(16), ...format, ascii("data"), little32(data.length), data)
  return concat(ascii("RIFF"), little32(chunks.length), chunks)
}

/** Silent frames of 1152 samples at 44,100 Hz, all of the same length or not. */
export const mp3 = (seconds: number, constant = true) => {
  const frame = (bitrateIndex: number, size: number) =>
    concat(Buffer.from([0xff, 0xfb, bitrateIndex << 4, 0]), zeros(size - 4))
  const [frame128, frame64] = [frame(9, 417), frame(5, 208)]
  const count = Math.round((seconds * 44_100) / 1152)
  return Buffer.concat(Array.from({ length: count }, (_, n) => (constant || n % 2 === 0 ? frame128 : frame64)))
}

/** With a picture of that size in front. */
export const mp3WithCover = (seconds: number, size: number) => {
  const body = concat(ascii("\0image/jpeg\0\x03\0"), zeros(size))
  const frame = concat(ascii("APIC"), big32(body.length), zeros(2), body)
  const syncSafe = [21, 14, 7, 0].map((shift) => (frame.length >>> shift) & 127)
  return concat(ascii("ID3\x03\0\0"), Buffer.from(syncSafe), frame, mp3(seconds))
}

/** ADTS frames of 1024 samples at 44,100 Hz. */
export const aac = (seconds: number) => {
  const length = 200
  const header = [0xff, 0xf1, 0x50, 0x80 | (length >>> 11), (length >>> 3) & 255, ((length & 7) << 5) | 0x1f, 0xfc]
  const frame = concat(Buffer.from(header), zeros(length - header.length))
  return Buffer.concat(Array.from({ length: Math.round((seconds * 44_100) / 1024) }, () => frame))
}

const box = (type: string, ...parts: ReadonlyArray<Uint8Array>) => {
  const body = concat(...parts)
  return concat(big32(body.length + 8), ascii(type), body)
}
const fullBox = (type: string, ...parts: ReadonlyArray<Uint8Array>) => box(type, zeros(4), ...parts)

const track = (id: number, handler: "soun" | "vide", seconds: number) => {
  const entry = box(
    handler === "soun" ? "mp4a" : "avc1",
    zeros(6),
    big16(1),
    zeros(8),
    big16(2),
    big16(16),
    zeros(4),
    big16(44_100),
    big16(0)
  )
  const samples = box(
    "stbl",
    fullBox("stsd", big32(1), entry),
    fullBox("stts", big32(1), big32(seconds), big32(1000)),
    fullBox("stsc", big32(1), big32(1), big32(1), big32(1)),
    fullBox("stsz", big32(1), big32(seconds)),
    fullBox("stco", big32(1), big32(64))
  )
  return box(
    "trak",
    fullBox("tkhd", zeros(8), big32(id), zeros(4), big32(seconds * 1000), zeros(60)),
    box(
      "mdia",
      fullBox("mdhd", zeros(8), big32(1000), big32(seconds * 1000), zeros(4)),
      fullBox("hdlr", ascii(`mhlr${handler}`), zeros(12), ascii("h\0")),
      box("minf", handler === "soun" ? fullBox("smhd", zeros(4)) : fullBox("vmhd", zeros(8)), samples)
    )
  )
}

const movie = (seconds: number, pictures: boolean) => {
  const header = fullBox("mvhd", zeros(8), big32(1000), big32(seconds * 1000), zeros(80))
  return box("moov", header, ...(pictures ? [track(2, "vide", seconds)] : []), track(1, "soun", seconds))
}

/** MP4 and its like, by their brand: `isom`, `M4A `, `qt  `, `3gp5`. Its head may come after all that is played. */
export const mp4 = (seconds: number, brand = "isom", { media = 1000, headLast = false } = {}) => {
  const type = box("ftyp", ascii(brand), zeros(4), ascii(brand))
  const [head, data] = [movie(seconds, !brand.startsWith("M4A")), box("mdat", zeros(media))]
  return headLast ? concat(type, data, head) : concat(type, head, data)
}

const page = (type: number, samples: number, sequence: number, data: Uint8Array) => {
  const lacing = [...Array.from({ length: Math.floor(data.length / 255) }, () => 255), data.length % 255]
  const head = [ascii("OggS\0"), Buffer.from([type]), big64(samples).reverse(), little32(7), little32(sequence)]
  return concat(...head, zeros(4), Buffer.from([lacing.length, ...lacing]), data)
}

/** Opus in Ogg, in pages of a second each. */
export const ogg = (seconds: number) => {
  const head = concat(ascii("OpusHead\x01\x01"), zeros(2), little32(48_000), zeros(3))
  const tags = concat(ascii("OpusTags"), little32(1), ascii("x"), little32(0))
  const pages = Array.from({ length: seconds }, (_, n) =>
    page(n === seconds - 1 ? 4 : 0, 48_000 * (n + 1), n + 2, zeros(4000))
  )
  return concat(page(2, 0, 0, head), page(0, 0, 1, tags), ...pages)
}

const element = (id: number, ...parts: ReadonlyArray<Uint8Array>) => {
  const body = concat(...parts)
  const name = Buffer.from(id.toString(16).padStart(Math.ceil(id.toString(16).length / 2) * 2, "0"), "hex")
  return concat(name, Buffer.from([0x08]), big32(body.length), body)
}

/** WebM or Matroska, that says how long it plays or, as one that was recorded live, does not. */
export const webm = (seconds: number | undefined, type = "webm") => {
  const duration = seconds === undefined ? zeros(0) : element(0x4489, float64(seconds * 1000))
  const info = element(0x1549a966, element(0x2ad7b1, big32(1_000_000)), duration)
  const track = element(
    0xae,
    element(0xd7, Buffer.from([1])),
    element(0x83, Buffer.from([2])),
    element(0x86, ascii("A_OPUS"))
  )
  const cluster = element(0x1f43b675, element(0xe7, Buffer.from([0])), element(0xa3, zeros(5000)))
  return concat(
    element(0x1a45dfa3, element(0x4282, ascii(type))),
    element(0x18538067, info, element(0x1654ae6b, track), cluster)
  )
}

/** 16 bits at 44,100 Hz. */
export const flac = (seconds: number) => {
  const rate = (44_100n << 44n) | (15n << 36n) | BigInt(44_100 * seconds)
  const info = Buffer.alloc(34)
  info.writeBigUInt64BE(rate, 10)
  return concat(ascii("fLaC"), Buffer.from([0x80, 0, 0, 34]), info, zeros(2000))
}

/** First bytes of what is recognized and not looked into. */
export const heads = {
  amr: concat(ascii("#!AMR\n"), zeros(500)),
  avi: concat(ascii("RIFF"), little32(1000), ascii("AVI LIST"), zeros(500)),
  mpegts: concat(...Array.from({ length: 10 }, () => concat(Buffer.from([0x47]), zeros(187)))),
  mpeg: concat(Buffer.from([0, 0, 1, 0xba, 0x44]), zeros(500)),
  flv: concat(ascii("FLV\x01\x05\0\0\0\x09"), zeros(500)),
  aiff: concat(ascii("FORM"), big32(1000), ascii("AIFFCOMM"), zeros(500)),
  caf: concat(ascii("caff\0\x01\0\0desc"), zeros(500))
} as const

/** What is no clip, or none of sound or moving pictures. */
export const others = {
  text: ascii("Not a clip, whatever its name says.\n"),
  html: ascii("<!doctype html><title>x</title><script>alert(1)</script>"),
  svg: ascii('<svg xmlns="http://www.w3.org/2000/svg"/>'),
  png: concat(ascii("\x89PNG\r\n\x1a\n"), big32(13), ascii("IHDR"), zeros(17)),
  gif: concat(ascii("GIF89a"), zeros(100)),
  heic: box("ftyp", ascii("heic"), zeros(4), ascii("mif1heic")),
  avif: box("ftyp", ascii("avif"), zeros(4), ascii("avif")),
  pdf: ascii("%PDF-1.7\n"),
  zip: concat(ascii("PK\x03\x04"), zeros(100)),
  webp: concat(ascii("RIFF"), little32(100), ascii("WEBPVP8 "), zeros(100)),
  midi: concat(ascii("MThd"), big32(6), zeros(20)),
  zeros: zeros(5000)
} as const

/** Elements without anything in them, of which a reader that goes through all has no end. */
export const hollow = (size: number) => {
  const head = element(0x1a45dfa3, element(0x4282, ascii("webm")))
  return concat(head, element(0x18538067, Buffer.alloc(size - head.length - 9, Buffer.from([0xec, 0x80]))))
}
