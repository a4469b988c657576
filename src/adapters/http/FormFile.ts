import { Schema, Stream } from "effect"
import { Multipart } from "effect/http"

/** Why there is no file to be had of a form. */
export class FormFileRefused extends Schema.TaggedError<FormFileRefused>()("FormFileRefused", {
  why: Schema.Literals(["malformed", "tooLarge", "tooMuch", "noFile", "repeated", "missing"])
}) {}

const refused = (why: FormFileRefused["why"]) => new FormFileRefused({ why })

const reasonOf = ({ reason }: Multipart.MultipartError): FormFileRefused => {
  switch (reason._tag) {
    case "FileTooLarge":
    case "BodyTooLarge":
      return refused("tooLarge")
    case "FieldTooLarge":
    case "TooManyParts":
      return refused("tooMuch")
    default:
      return refused("malformed")
  }
}

/**
 * The part of a form that is the file of that name. Ends with the form, and fails where that has no such file, or another
 * one, so that nothing is done before all of it was read. Other parts are passed over.
 */
export const fileOf = (
  name: string,
  parts: Stream.Stream<Multipart.Part, Multipart.MultipartError>
): Stream.Stream<Uint8Array, FormFileRefused> =>
  Stream.suspend(() => {
    let found = 0
    const files = Stream.flatMap(
      parts,
      (part): Stream.Stream<Uint8Array, Multipart.MultipartError | FormFileRefused> => {
        if (part.key !== name) return part._tag === "File" ? Stream.drain(part.content) : Stream.empty
        if (part._tag === "Field") return Stream.fail(refused("noFile"))
        found += 1
        return found === 1 ? part.content : Stream.fail(refused("repeated"))
      }
    )
    const missing = Stream.suspend(() => (found === 0 ? Stream.fail(refused("missing")) : Stream.empty))
    return Stream.concat(files, missing)
  }).pipe(Stream.mapError((error) => (Multipart.isMultipartError(error) ? reasonOf(error) : error)))
