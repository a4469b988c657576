import { PgTypes } from "@effect/sql-pg"
import { Result } from "effect"

const size = 8
const arrayOid = 1016

/** A bigint of the database as a JavaScript number; one beyond 2^53 - 1 is an error, never rounded. */
const int8: PgTypes.Codec<number | bigint> = {
  encode: (value) => {
    const integer = typeof value === "bigint" ? value : Number.isSafeInteger(value) ? BigInt(value) : undefined
    if (integer === undefined || BigInt.asIntN(64, integer) !== integer) {
      return Result.fail(new PgTypes.CodecError({ message: `${value} is no int8` }))
    }
    const bytes = new Uint8Array(size)
    new DataView(bytes.buffer).setBigInt64(0, integer)
    return Result.succeed(bytes)
  },
  decode: (bytes) => read(bytes, 0),
  read: (bytes, offset) => read(bytes, offset)
}

const read = (bytes: Uint8Array, offset: number): Result.Result<number, PgTypes.CodecError> => {
  // Without a BigInt for each id: the upper half is signed, and what the sum rounds is beyond what is safe.
  const value = halfAt(bytes, offset) * 2 ** 32 + (halfAt(bytes, offset + 4) >>> 0)
  return Number.isSafeInteger(value)
    ? Result.succeed(value)
    : Result.fail(new PgTypes.CodecError({ message: `int8 ${bigIntAt(bytes, offset)} is beyond what a number holds` }))
}

/** Four bytes as a signed integer. */
const halfAt = (bytes: Uint8Array, offset: number): number =>
  ((bytes[offset] ?? 0) << 24) |
  ((bytes[offset + 1] ?? 0) << 16) |
  ((bytes[offset + 2] ?? 0) << 8) |
  (bytes[offset + 3] ?? 0)

const bigIntAt = (bytes: Uint8Array, offset: number): bigint =>
  new DataView(bytes.buffer, bytes.byteOffset + offset, size).getBigInt64(0)

/** The driver's types, with ids and counts as numbers, alone and in arrays. */
export const types: PgTypes.Registry = PgTypes.makeRegistry()
types.register(PgTypes.OID.int8, int8, { arrayOid })

/** A `bigint[]` parameter; a plain array of numbers on both sides of 2^31 has no one type. */
export const int8Array = (values: ReadonlyArray<number>): PgTypes.Parameter =>
  Result.getOrThrow(PgTypes.array(values, PgTypes.OID.int8))
