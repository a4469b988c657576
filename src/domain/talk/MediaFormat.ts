import { Schema } from "effect"
import { ContentType } from "../shared/BlobStore.ts"

export const MediaKind = Schema.Literals(["audio", "video"])
export type MediaKind = typeof MediaKind.Type

interface Names {
  /** The media type of a clip without pictures, where there is one. */
  readonly audio?: string
  /** The media type of a clip that may have pictures, where there is one. */
  readonly video?: string
  /** What clients call either of them too. A leading `x-` of a subtype makes no difference. */
  readonly also?: ReadonlyArray<string>
}

/**
 * The containers and codecs of clips. In most containers there can be sound alone or pictures as well, which the first
 * bytes do not tell: whoever uploads a clip says what it is.
 */
const formats = {
  mp3: { audio: "audio/mpeg", also: ["audio/mp3", "audio/mpeg3", "audio/mpg", "audio/mp2", "audio/mp1"] },
  aac: { audio: "audio/aac", also: ["audio/aacp", "audio/hx-aac-adts"] },
  m4a: { audio: "audio/mp4", also: ["audio/m4a", "audio/m4b", "audio/aac", "audio/mp4a-latm"] },
  mp4: { audio: "audio/mp4", video: "video/mp4", also: ["audio/m4a", "audio/aac", "video/m4v", "video/quicktime"] },
  quicktime: { audio: "audio/mp4", video: "video/quicktime", also: ["audio/m4a", "video/mov", "video/mp4"] },
  "3gpp": { audio: "audio/3gpp", video: "video/3gpp", also: ["audio/3gp", "video/3gp", "audio/amr", "video/mp4"] },
  "3gpp2": { audio: "audio/3gpp2", video: "video/3gpp2", also: ["audio/3g2", "video/3g2", "video/mp4"] },
  ogg: { audio: "audio/ogg", video: "video/ogg", also: ["audio/opus", "audio/vorbis", "audio/speex", "audio/oga"] },
  webm: { audio: "audio/webm", video: "video/webm", also: ["audio/opus"] },
  matroska: { audio: "audio/matroska", video: "video/matroska", also: ["audio/mka", "video/mkv", "video/webm"] },
  wav: { audio: "audio/wav", also: ["audio/wave", "audio/vnd.wave", "audio/pn-wav"] },
  flac: { audio: "audio/flac" },
  amr: { audio: "audio/amr", also: ["audio/amr-nb", "audio/amr-wb", "audio/3gpp"] },
  aiff: { audio: "audio/aiff", also: ["audio/aif"] },
  caf: { audio: "audio/x-caf" },
  asf: { audio: "audio/x-ms-wma", video: "video/x-ms-wmv", also: ["audio/ms-asf", "video/ms-asf"] },
  avi: { video: "video/vnd.avi", also: ["video/avi", "video/msvideo"] },
  mpeg: { video: "video/mpeg", also: ["video/mpg", "video/mp1s", "video/mp2p"] },
  mpegts: { video: "video/mp2t", also: ["video/mts"] },
  flv: { video: "video/x-flv" }
} satisfies Record<string, Names>

export type MediaFormat = keyof typeof formats

/** What a clip was said to be: of a kind, and perhaps of one media type of that kind. */
export interface NamedMedia {
  readonly kind: MediaKind
  /** In lower case, without parameters. */
  readonly contentType?: ContentType
}

const isKind = Schema.is(MediaKind)
const isContentType = Schema.is(ContentType)

/** Reads `audio`, `video` or a media type of either, such as `audio/webm;codecs=opus`; undefined where it is neither. */
export const namedMedia = (name: string): NamedMedia | undefined => {
  const type = name.replace(/;.*$/s, "").trim().toLowerCase()
  const kind = type.replace(/\/.*$/s, "")
  if (!isKind(kind)) return undefined
  if (type === kind) return { kind }
  return isContentType(type) ? { kind, contentType: type } : undefined
}

const plain = (type: string) => type.replace("/x-", "/")

/** The media type of a clip in that format that was said to be so; undefined where it can't be. */
export const contentTypeOf = (format: MediaFormat, { contentType, kind }: NamedMedia): ContentType | undefined => {
  const names: Names = formats[format]
  const type = names[kind]
  if (type === undefined) return undefined
  const known = [type, ...(names.also ?? [])].map(plain)
  return contentType === undefined || known.includes(plain(contentType)) ? ContentType.make(type) : undefined
}
