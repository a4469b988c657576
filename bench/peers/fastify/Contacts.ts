import type { FastifyInstance } from "fastify"
import { searchTerm } from "../../../src/domain/shared/SearchText.ts"
import type { makeNotes } from "../node/Notes.ts"
import { pageHeaders } from "../node/Pages.ts"
import type { Database } from "../node/Database.ts"
import { contact, contactParams, listQuery, newNote, note } from "./Schemas.ts"

interface ContactParams {
  readonly contact_id: string
}

interface ListQuery {
  readonly search?: string
  readonly skip: string
  readonly limit: string
}

interface Contact {
  readonly id: number
}
/** A page without contacts is one row, with the total alone. */
type PageRow = (Contact | { readonly id: null }) & { readonly total: number }

export interface ContactOptions {
  readonly database: Database
  readonly addNote: ReturnType<typeof makeNotes>
  readonly publicUrl: string
}

export const contactRoutes = (app: FastifyInstance, { addNote, database, publicUrl }: ContactOptions) => {
  const findContact = database.prepared<Contact>("contact")
  const listContacts = database.prepared<PageRow>("contacts")
  const searchContacts = database.prepared<PageRow>("search")
  const path = "/api/v1/contacts"
  const notFound = { detail: "Contact not found" }

  app.get<{ Params: ContactParams }>(
    `${path}/:contact_id`,
    { schema: { params: contactParams, response: { 200: contact } } },
    async ({ accountId, params }, reply) => {
      const [found] = await findContact(params.contact_id, accountId)
      return found ?? reply.code(404).send(notFound)
    }
  )

  app.get<{ Querystring: ListQuery }>(
    path,
    { schema: { querystring: listQuery, response: { 200: { type: "array", items: contact } } } },
    async ({ accountId, query: { limit, search: asked, skip } }, reply) => {
      const search = asked === undefined || asked.trim() === "" ? undefined : asked
      const rows =
        search === undefined
          ? await listContacts(accountId, limit, skip)
          : await searchContacts(accountId, limit, skip, searchTerm(search))
      const total = rows[0]?.total ?? 0
      const page = { limit: Number(limit), skip: Number(skip), total, search }
      reply.headers(pageHeaders(`${publicUrl}${path}`, page))
      return rows[0]?.id === null ? [] : rows
    }
  )

  app.post<{ Params: ContactParams; Body: { readonly body: string } }>(
    `${path}/:contact_id/notes`,
    { schema: { params: contactParams, body: newNote, response: { 201: note } } },
    async ({ accountId, body, params: { contact_id } }, reply) => {
      const added = await addNote(accountId, contact_id, body.body)
      if (added === undefined) return reply.code(404).send(notFound)
      reply.code(201).header("location", `${publicUrl}${path}/${contact_id}/notes/${added.id}`)
      return added
    }
  )
}
