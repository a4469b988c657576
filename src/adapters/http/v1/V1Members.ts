import type { MemberDocs } from "../ApiDocs.ts"

const token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIyIn0.c2lnbmF0dXJl"
const time = { description: "ISO 8601 in UTC", format: "date-time", example: "2026-11-20T09:30:00.000Z" }

/** What the document says of the members that bodies of accounts and sessions share. */
export const docs = {
  accountId: { description: "Given by the server", minimum: 1, example: 2 },
  username: {
    type: ["string", "null"],
    description: "2 to 64 letters, digits, dots, underscores or hyphens; unique without regard to case",
    pattern: "^[A-Za-z0-9._-]{2,64}$",
    example: "chioma"
  },
  email: { description: "Unique without regard to case", format: "email", example: "chioma@example.com" },
  pendingEmail: {
    description: "Takes the place of `email` when it has been verified",
    format: "email",
    example: "chioma@example.org"
  },
  isVerified: { description: "Whether `email` has been verified", example: true },
  avatarUrl: {
    description: "Where the picture lies; null where there is none",
    format: "uri",
    example: "https://rookery.example/api/v1/avatars/0f1e2d3c4b5a69788796a5b4c3d2e1f0"
  },
  identifier: { description: "A username or an e-mail address", example: "chioma" },
  newPassword: {
    description: "At least 8 characters, at most 1024 bytes",
    format: "password",
    minLength: 8,
    example: "correct horse battery"
  },
  password: { description: "The password of the account", format: "password", example: "correct horse battery" },
  accessToken: { description: "Opens everything but a refresh, as `Authorization: Bearer ...`", example: token },
  refreshToken: { description: "Opens the refresh and the sign-out, nothing else", example: token },
  linkToken: { description: "From the link in the mail", example: token },
  createdAt: time,
  time,
  readOnly: { readOnly: true, description: "Passed over in requests, so that clients can send what they have read" }
} as const satisfies Record<string, MemberDocs>
