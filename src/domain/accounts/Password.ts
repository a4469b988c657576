import { Schema } from "effect"

/** Bounds the work of one hash, whatever is sent. */
const maximumBytes = 1024

/** A password that may be set: at least 8 characters, at most 1024 bytes of UTF-8. */
export const Password = Schema.String.check(
  Schema.makeFilter((password) => {
    if ([...password].length < 8) return "must be at least 8 characters"
    if (!password.isWellFormed() || password.includes("\u0000"))
      return "must be well-formed text without NUL characters"
    return new TextEncoder().encode(password).length > maximumBytes ? "must be at most 1024 bytes" : undefined
  })
).pipe(Schema.brand("Password"))
export type Password = typeof Password.Type
