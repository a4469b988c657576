// What the types of the document must not let pass. It is compiled and never run.
import createClient from "openapi-fetch"
import type { paths } from "./generated/schema.ts"

const api = createClient<paths>()

// @ts-expect-error no such path
await api.GET("/api/v1/contact")
// @ts-expect-error no such method
await api.DELETE("/api/v1/contacts")
// @ts-expect-error no body
await api.POST("/api/v1/auth/register")
// @ts-expect-error no password
await api.POST("/api/v1/auth/register", { body: { email: "ada@example.com" } })
// @ts-expect-error a name that may not be null
await api.POST("/api/v1/contacts", { body: { first_name: null } })
// @ts-expect-error a replacement that is none
await api.PUT("/api/v1/contacts/{contact_id}", { params: { path: { contact_id: 1 } }, body: { first_name: "Ada" } })
// @ts-expect-error an id of another type
await api.GET("/api/v1/contacts/{contact_id}", { params: { path: { contact_id: "1" } } })
// @ts-expect-error no id
await api.GET("/api/v1/contacts/{contact_id}")
// @ts-expect-error a limit of another type
await api.GET("/api/v1/contacts", { params: { query: { limit: "ten" } } })

const { data, error } = await api.GET("/api/v1/contacts/{contact_id}/notes/{note_id}", {
  params: { path: { contact_id: 1, note_id: 1 } }
})
// @ts-expect-error an answer that may be an error
void data.body
if (data === undefined) {
  // @ts-expect-error errors that are there with 422 alone
  void error.errors.length
} else {
  // @ts-expect-error a status that no note has
  void (data.processing.status === "lost")
  // @ts-expect-error a member that no note has
  void data.title
  // @ts-expect-error a time that may be null
  void data.processing.processed_at.length
}
