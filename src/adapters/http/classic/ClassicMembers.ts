import type { MemberDocs } from "../ApiDocs.ts"

const example = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIyIn0.c2lnbmF0dXJl"

/** What the document says of the members that bodies of this dialect share. */
export const docs = {
  id: { description: "Given by the server", minimum: 1, example: 1 },
  userId: { description: "The account it belongs to", minimum: 1, example: 2 },
  readOnly: { readOnly: true, description: "Passed over in requests, so that clients can send what they have read" },
  username: {
    description: "2 to 64 letters, digits, dots, underscores or hyphens; unique without regard to case",
    pattern: "^[A-Za-z0-9._-]{2,64}$",
    example: "chioma"
  },
  identifier: { description: "A username or an e-mail address", example: "chioma" },
  firstName: { description: "Not blank", minLength: 1, example: "Chioma" },
  lastName: { description: "Not blank", minLength: 1, example: "Okafor" },
  accountEmail: {
    description: "Unique without regard to case",
    format: "email",
    example: "chioma@example.com"
  },
  newPassword: {
    description: "At least 8 characters, at most 1024 bytes",
    format: "password",
    minLength: 8,
    example: "correct horse battery"
  },
  password: { description: "The password of the account", format: "password", example: "correct horse battery" },
  accessToken: { description: "Opens everything but a refresh, as `Authorization: Bearer ...`", example },
  refreshToken: { description: "Opens `/auth/refresh` and the ways to sign out, nothing else", example },
  name: { description: "First and last name in one", minLength: 1, example: "chioma" },
  email: { description: "Null where there is none", format: "email", example: "chioma@example.com" },
  phoneNumber: {
    description: "7 to 15 digits with an optional leading +, kept as it was written; null where there is none",
    pattern: "^\\+?[0-9]{7,15}$",
    example: "09068641485"
  },
  noteBody: {
    type: "string",
    description: "Its text, not blank, of at most 100,000 characters",
    minLength: 1,
    maxLength: 100_000,
    example: "Asked for the price list, call back on Monday"
  },
  createdAt: { description: "ISO 8601 in UTC", format: "date-time", example: "2026-11-20T09:30:00.000Z" }
} as const satisfies Record<string, MemberDocs>
