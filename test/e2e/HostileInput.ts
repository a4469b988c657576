import { randomUUID } from "node:crypto"

/** Sent along wherever it fits: what comes back must not hold it. */
export const canary = `canary-${randomUUID()}`

/** What only the server's inside looks like: stacks, paths, SQL, names of libraries. */
export const inside =
  /\bat \w+.*\(|node_modules|\/work\/|\/src\/|file:\/\/|\bselect\b.*\bfrom\b|insert into|SqlError|SchemaError|Cause|effect\//i

/** In the place of a text. */
export const wrongTypes: ReadonlyArray<unknown> = [
  0,
  -1,
  1.5,
  1e308,
  true,
  false,
  [],
  {},
  [canary],
  { [canary]: 1 },
  { $ne: null },
  [[[]]],
  { toString: "x" }
]
export const nested = (levels: number, open: string, close: string) => `${open.repeat(levels)}1${close.repeat(levels)}`

/** Of members that no body has, and that mean something to JavaScript. */
export const hostileNames = [
  "unknown",
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "",
  " ",
  "\u0000",
  "a.b",
  canary
]

/** JSON, and no object. */
export const noObjects = [
  "[]",
  "[{}]",
  "[1,2]",
  '"text"',
  '""',
  "0",
  "1",
  "-1.5",
  "true",
  "false",
  "null",
  `["${canary}"]`
]

/** No JSON, though some of it looks like `whole`. */
export const brokenJson = (whole: string): ReadonlyArray<string> => [
  "",
  " ",
  "{",
  "}",
  "{}}",
  "{'a':1}",
  "{a:1}",
  "NaN",
  "undefined",
  "{,}",
  '{"a":}',
  whole.slice(0, -1),
  `${whole}x`,
  `${whole},`,
  `[${whole}`,
  `{"${canary}`,
  '{"a":01}',
  "\u0000",
  "<x/>",
  "a=b"
]

/** Bytes that are no UTF-8. */
export const noUtf8 = [[0xff], [0xc3], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x28, 0xa1]]

/** Types of a body, and charsets, that nobody takes. */
export const otherTypes = [
  "text/plain",
  "text/json",
  "application/xml",
  "application/jsonx",
  "application/octet-stream",
  "multipart/form-data; boundary=x",
  "*/*",
  "json",
  ";",
  canary,
  "application/json; charset=utf-16",
  "application/json; charset=latin1",
  'application/json; charset="iso-8859-1"'
]
