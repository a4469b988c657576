const load = async () => {
  const [{ parseBlob }, { fileTypeFromBuffer }] = await Promise.all([import("music-metadata"), import("file-type")])
  /** The media type that the first bytes tell of; undefined where they tell of none, or are made to confuse. */
  const typeOf = (bytes: Uint8Array) =>
    fileTypeFromBuffer(bytes).then(
      (type) => type?.mime,
      () => undefined
    )
  /** In seconds. Formats that do not say are counted through; covers are not kept. */
  const secondsOf = async (clip: Blob) => {
    const { format } = await parseBlob(clip, { duration: true, skipCovers: true })
    return format.duration
  }
  return { typeOf, secondsOf }
}

let loaded: ReturnType<typeof load> | undefined

/** The libraries, loaded when the first clip comes and not before. */
export const loadMediaLibraries = () => (loaded ??= load())
