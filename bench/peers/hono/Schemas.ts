import { z } from "zod"

const withoutNul = (text: string) => !text.includes("\u0000")

/** Text as PostgreSQL can keep it, not blank. */
const filled = (most: number) => z.string().max(most).regex(/\S/).refine(withoutNul)

export const contactParams = z.object({ contact_id: z.coerce.number().int().positive() })

export const listQuery = z.object({
  search: z.string().max(255).refine(withoutNul).optional(),
  skip: z.coerce.number().int().min(0).max(999_999_999_999_999).default(0),
  limit: z.coerce.number().int().min(1).max(100).default(20)
})

export const newNote = z.strictObject({ body: filled(100_000) })

export const passwordForm = z.object({
  username: z.string().min(1).max(320).refine(withoutNul),
  password: z.string().min(1).max(1024)
})

export const newMessage = z.strictObject({
  phone_number: z.string().regex(/^\+?[0-9]{7,15}$/),
  message_type: z.literal("text"),
  message: filled(10_000)
})
