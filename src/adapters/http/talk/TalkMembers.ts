import type { MemberDocs } from "../ApiDocs.ts"

const time = { description: "ISO 8601 in UTC", format: "date-time", example: "2026-11-20T09:30:00.000Z" }

/** What the document says of the members that bodies of talk share. */
export const docs = {
  success: { description: "Always true where there is no error", example: true },
  phoneNumber: {
    description: "7 to 15 digits with an optional leading +, which is dropped",
    pattern: "^\\+?[0-9]{7,15}$",
    example: "4915112345678"
  },
  digits: { description: "7 to 15 digits", pattern: "^[0-9]{7,15}$", example: "4915112345678" },
  passcode: {
    description: "The six digits of the SMS",
    pattern: "^[0-9]{6}$",
    example: "493027"
  },
  token: {
    description: "Opens everything for as long as the session lasts, as `Authorization: Bearer ...`",
    example: "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIyIn0.c2lnbmF0dXJl"
  },
  displayName: {
    description: "What one calls them, at most 255 characters; the number where it is null, blank or absent",
    maxLength: 255,
    example: "Chioma"
  },
  time,
  messageId: { description: "Given by the server; later messages have higher ones", example: 41 },
  mediaId: { description: "The `id` of an upload", minimum: 1, example: 7 },
  messageType: { description: "What it carries", example: "text" }
} as const satisfies Record<string, MemberDocs>
