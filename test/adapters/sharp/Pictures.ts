import sharp from "sharp"

/** Formats as sharp names them. */
export const formats = ["jpeg", "png", "gif", "webp"] as const

/** For a GIF of many colours is slow to make otherwise. */
export const quick = { effort: 1 }

/** A picture that no format can shorten much. */
export const noise = (width: number, height: number) =>
  sharp({
    create: { width, height, channels: 3, background: "#000", noise: { type: "gaussian", mean: 128, sigma: 40 } }
  })

export const flat = (width: number, height: number, background: string) =>
  sharp({ create: { width, height, channels: 4, background }, limitInputPixels: false })

/** Red, green; blue, white: no turn or mirror image of it is the same. */
export const quarters = (size: number) => {
  const half = size / 2
  const quarter = (background: string, left: number, top: number) => ({
    input: { create: { width: half, height: half, channels: 3 as const, background } },
    left,
    top
  })
  return sharp({ create: { width: size, height: size, channels: 3, background: "#f00" } }).composite([
    quarter("#0f0", half, 0),
    quarter("#00f", 0, half),
    quarter("#fff", half, half)
  ])
}

const named = (red: number, green: number, blue: number): string =>
  [red, green, blue].map((value) => (value > 127 ? 1 : 0)).join("")

const names: Readonly<Record<string, string>> = { "100": "R", "010": "G", "001": "B", "111": "W", "000": "K" }

/** The colours of the four quarters, from left to right and from top to bottom: `RGBW`. */
export const quartersOf = async (picture: Uint8Array): Promise<string> => {
  const { data, info } = await sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const at = (x: number, y: number) => {
    const start = (Math.floor(y * info.height) * info.width + Math.floor(x * info.width)) * info.channels
    return names[named(data[start] ?? 0, data[start + 1] ?? 0, data[start + 2] ?? 0)] ?? "?"
  }
  return [at(0.25, 0.25), at(0.75, 0.25), at(0.25, 0.75), at(0.75, 0.75)].join("")
}
