import { Effect, Stream } from "effect"
import type { Multipart } from "effect/http"
import { fileOf, type FormFileRefused } from "../FormFile.ts"
import { BadRequest } from "./V1Errors.ts"
import { tooLarge } from "./V1Upload.ts"
import { invalidField, invalidFields } from "./V1Validation.ts"

/** What whoever sent the form is told. */
export type Refusal = ReturnType<typeof invalidField>

/** The part of the form that is the picture. */
const name = "file"

const refused = ({ why }: FormFileRefused): Refusal => {
  switch (why) {
    case "tooLarge":
      return tooLarge()
    case "tooMuch":
      return invalidFields({ field: "", message: "has more in it than a picture" })
    case "noFile":
      return invalidField(name, "must be a file")
    case "repeated":
      return invalidField(name, "must be sent once")
    case "missing":
      return invalidField(name, "is required")
    case "malformed":
      return BadRequest.of("The request body is not valid multipart/form-data")
  }
}

/** What was sent as the picture. */
export const pictureOf = (
  parts: Stream.Stream<Multipart.Part, Multipart.MultipartError>
): Stream.Stream<Uint8Array, Refusal> => Stream.mapError(fileOf(name, parts), refused)

/** All of it; more than `most` bytes are not kept in memory. */
export const collect = (picture: Stream.Stream<Uint8Array, Refusal>, most: number) =>
  Effect.suspend(() => {
    const chunks: Array<Uint8Array> = []
    let length = 0
    return Stream.runForEach(picture, (chunk) => {
      length += chunk.length
      if (length > most) return Effect.fail(tooLarge())
      chunks.push(chunk)
      return Effect.void
    }).pipe(Effect.map(() => Buffer.concat(chunks)))
  })
