import { zValidator } from "@hono/zod-validator"
import type { Hono } from "hono"
import { searchTerm } from "../../../src/domain/shared/SearchText.ts"
import type { makeNotes } from "../node/Notes.ts"
import { pageHeaders } from "../node/Pages.ts"
import type { Database } from "../node/Database.ts"
import type { Signed } from "./Bearer.ts"
import { contactParams, listQuery, newNote } from "./Schemas.ts"

interface Contact {
  readonly id: number
  readonly first_name: string
  readonly last_name: string | null
  readonly email: string | null
  readonly phone: string | null
  readonly company: string | null
  readonly title: string | null
  readonly birthday: string | null
  readonly notes: string | null
  readonly created_at: Date
  readonly updated_at: Date
}
/** A page without contacts is one row, with the total alone. */
type PageRow = (Contact | { readonly id: null }) & { readonly total: number }

const toWire = (row: Contact): Contact => ({
  id: row.id,
  first_name: row.first_name,
  last_name: row.last_name,
  email: row.email,
  phone: row.phone,
  company: row.company,
  title: row.title,
  birthday: row.birthday,
  notes: row.notes,
  created_at: row.created_at,
  updated_at: row.updated_at
})

export interface ContactOptions {
  readonly database: Database
  readonly addNote: ReturnType<typeof makeNotes>
  readonly publicUrl: string
}

export const contactRoutes = (app: Hono<Signed>, { addNote, database, publicUrl }: ContactOptions) => {
  const findContact = database.prepared<Contact>("contact")
  const listContacts = database.prepared<PageRow>("contacts")
  const searchContacts = database.prepared<PageRow>("search")
  const path = "/api/v1/contacts"
  const notFound = { detail: "Contact not found" }

  app.get(`${path}/:contact_id`, zValidator("param", contactParams), async (c) => {
    const [row] = await findContact(c.req.valid("param").contact_id, c.get("accountId"))
    return row === undefined ? c.json(notFound, 404) : c.json(toWire(row))
  })

  app.get(path, zValidator("query", listQuery), async (c) => {
    const { limit, search: asked, skip } = c.req.valid("query")
    const account = c.get("accountId")
    const search = asked === undefined || asked.trim() === "" ? undefined : asked
    const rows =
      search === undefined
        ? await listContacts(account, limit, skip)
        : await searchContacts(account, limit, skip, searchTerm(search))
    const total = rows[0]?.total ?? 0
    const contacts = rows.flatMap((row) => (row.id === null ? [] : [toWire(row)]))
    return c.json(contacts, 200, pageHeaders(`${publicUrl}${path}`, { limit, skip, total, search }))
  })

  app.post(`${path}/:contact_id/notes`, zValidator("param", contactParams), zValidator("json", newNote), async (c) => {
    const { contact_id } = c.req.valid("param")
    const added = await addNote(c.get("accountId"), contact_id, c.req.valid("json").body)
    if (added === undefined) return c.json(notFound, 404)
    return c.json(added, 201, { location: `${publicUrl}${path}/${contact_id}/notes/${added.id}` })
  })
}
