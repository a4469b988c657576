/** All that pictures of strangers are unpacked with. libvips knows dozens of formats, SVG and PDF among them. */
const loaders = ["VipsForeignLoadJpeg", "VipsForeignLoadPng", "VipsForeignLoadNsgif", "VipsForeignLoadWebp"]

const load = async () => {
  const [{ default: sharp }, { fileTypeFromBuffer }] = await Promise.all([import("sharp"), import("file-type")])
  sharp.block({ operation: ["VipsForeignLoad"] })
  sharp.unblock({ operation: loaders })
  // No picture comes twice, and there is more to do than one at once.
  sharp.cache(false)
  sharp.concurrency(1)
  /** The media type that the first bytes tell of; undefined where they tell of none, or are made to confuse. */
  const typeOf = (bytes: Uint8Array) =>
    fileTypeFromBuffer(bytes).then(
      (type) => type?.mime,
      () => undefined
    )
  return { sharp, typeOf }
}

let loaded: ReturnType<typeof load> | undefined

/** The libraries, loaded now and not before: that takes 50 ms and some 20 MB. */
export const loadPictureLibraries = () => (loaded ??= load())
