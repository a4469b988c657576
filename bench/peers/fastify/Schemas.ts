// Answers are rendered by the code that fast-json-stringify makes of these; parameters and bodies checked by ajv's.

const time = { type: "string", format: "date-time" } as const
const optional = { type: "string", nullable: true } as const

/** As PostgreSQL can keep it. */
const withoutNul = { pattern: "^[^\\u0000]*$" } as const

/** Not blank. Two patterns, so that neither goes through a long text more than once. */
const filled = (maxLength: number) => ({ type: "string", maxLength, allOf: [{ pattern: "\\S" }, withoutNul] }) as const

export const contact = {
  type: "object",
  properties: {
    id: { type: "integer" },
    first_name: { type: "string" },
    last_name: optional,
    email: optional,
    phone: optional,
    company: optional,
    title: optional,
    birthday: optional,
    notes: optional,
    created_at: time,
    updated_at: time
  }
} as const

// Numbers as text, which is what the driver sends: ajv would make `1e400` infinite, and not mind it.

export const contactParams = {
  type: "object",
  properties: { contact_id: { type: "string", pattern: "^[1-9][0-9]{0,14}$" } },
  required: ["contact_id"]
} as const

export const listQuery = {
  type: "object",
  properties: {
    search: { type: "string", maxLength: 255, ...withoutNul },
    skip: { type: "string", pattern: "^[0-9]{1,15}$", default: "0" },
    limit: { type: "string", pattern: "^(?:[1-9][0-9]?|100)$", default: "20" }
  }
} as const

export const newNote = {
  type: "object",
  properties: { body: filled(100_000) },
  required: ["body"],
  additionalProperties: false
} as const

export const note = {
  type: "object",
  properties: {
    id: { type: "integer" },
    contact_id: { type: "integer" },
    body: { type: "string" },
    created_at: time,
    updated_at: time,
    processing: {
      type: "object",
      properties: {
        status: { type: "string" },
        attempts: { type: "integer" },
        last_error: optional,
        processed_at: { ...time, nullable: true }
      }
    }
  }
} as const

export const passwordForm = {
  type: "object",
  properties: {
    username: { type: "string", minLength: 1, maxLength: 320, ...withoutNul },
    password: { type: "string", minLength: 1, maxLength: 1024 }
  },
  required: ["username", "password"]
} as const

export const tokenPair = {
  type: "object",
  properties: {
    access_token: { type: "string" },
    refresh_token: { type: "string" },
    token_type: { type: "string" },
    expires_in: { type: "integer" }
  }
} as const

export const newMessage = {
  type: "object",
  properties: {
    phone_number: { type: "string", pattern: "^\\+?[0-9]{7,15}$" },
    message_type: { const: "text" },
    message: filled(10_000)
  },
  required: ["phone_number", "message_type", "message"],
  additionalProperties: false
} as const

export const messages = {
  type: "object",
  properties: {
    success: { type: "boolean" },
    messages: {
      type: "array",
      items: {
        type: "object",
        properties: {
          id: { type: "integer" },
          sender: { type: "string" },
          receiver: { type: "string" },
          message: { type: "string" },
          message_type: { type: "string" },
          media_type: optional,
          media_content_id: { type: "integer", nullable: true },
          status: { type: "string" },
          created_at: time
        }
      }
    }
  }
} as const
