import { assert, describe, it } from "@effect/vitest"
import { ContentType } from "../../../src/domain/shared/BlobStore.ts"
import { contentTypeOf, type MediaFormat, namedMedia } from "../../../src/domain/talk/MediaFormat.ts"

/** The media type of a clip in that format, of which a client says that. */
const typeOf = (format: MediaFormat, name: string) => {
  const named = namedMedia(name)
  return named === undefined ? assert.fail(`${name} names nothing`) : contentTypeOf(format, named)
}

describe("the name of a medium", () => {
  it.each(["audio", "AUDIO", " audio "])("may be its kind: %j", (name) => {
    assert.deepStrictEqual(namedMedia(name), { kind: "audio" })
  })

  it.each(["video/mp4", "Video/MP4", 'video/mp4; codecs="avc1.42E01E, mp4a.40.2"', "video/mp4;a=\nb", " video/mp4 ;"])(
    "may be a media type, with or without parameters: %j",
    (name) => {
      assert.deepStrictEqual(namedMedia(name), { kind: "video", contentType: ContentType.make("video/mp4") })
    }
  )

  it.each([
    "",
    "text",
    "image/png",
    "application/ogg",
    "audio/",
    "audio/x y",
    "audio/<b>",
    "audiovideo",
    "/audio",
    ";audio"
  ])("is neither: %j", (name) => {
    assert.isUndefined(namedMedia(name))
  })
})

describe("the media type of a clip", () => {
  it.each<readonly [MediaFormat, string, string]>([
    ["mp3", "audio", "audio/mpeg"],
    ["mp3", "audio/mp3", "audio/mpeg"],
    ["m4a", "audio/x-m4a", "audio/mp4"],
    ["m4a", "audio/aac", "audio/mp4"],
    ["mp4", "audio", "audio/mp4"],
    ["mp4", "video", "video/mp4"],
    ["mp4", "video/quicktime", "video/mp4"],
    ["quicktime", "video", "video/quicktime"],
    ["quicktime", "video/mp4", "video/quicktime"],
    ["webm", "audio", "audio/webm"],
    ["webm", "audio/webm;codecs=opus", "audio/webm"],
    ["webm", "video/webm", "video/webm"],
    ["ogg", "audio/opus", "audio/ogg"],
    ["ogg", "video", "video/ogg"],
    ["3gpp", "audio/3gpp", "audio/3gpp"],
    ["3gpp", "video", "video/3gpp"],
    ["matroska", "video/x-matroska", "video/matroska"],
    ["wav", "audio/x-wav", "audio/wav"],
    ["wav", "audio/vnd.wave", "audio/wav"],
    ["flac", "audio/x-flac", "audio/flac"],
    ["caf", "audio/x-caf", "audio/x-caf"],
    ["avi", "video/x-msvideo", "video/vnd.avi"]
  ])("in %s that is called %s is %s", (format, name, type) => {
    assert.strictEqual<string | undefined>(typeOf(format, name), type)
  })

  it.each<readonly [MediaFormat, string]>([
    ["mp3", "video"],
    ["wav", "video/mp4"],
    ["m4a", "video"],
    ["avi", "audio"],
    ["mpegts", "audio"],
    ["mp4", "audio/mpeg"],
    ["mp4", "video/webm"],
    ["webm", "video/mp4"],
    ["webm", "audio/ogg"],
    ["ogg", "audio/mpeg"],
    ["mp3", "audio/wav"]
  ])("in %s is not what %s says", (format, name) => {
    assert.isUndefined(typeOf(format, name))
  })
})
