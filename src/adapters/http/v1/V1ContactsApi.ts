import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { conditionalHeaders, keyedHeaders } from "../RequestHeaders.ts"
import { etag, location, notModified, pageHeaders, replayed } from "./V1AnswerHeaders.ts"
import { operations } from "./V1ContactOperations.ts"
import {
  birthdaysQuery,
  ContactChange,
  contactListQuery,
  contactParams,
  ContactReplacement,
  NewContact,
  V1Birthday,
  V1Contact
} from "./V1ContactSchemas.ts"
import { NotFound, PreconditionFailed } from "./V1Errors.ts"
import { Authorization, Body, Idempotent, VerifiedAccount } from "./V1Middleware.ts"

const contact = HttpApiSchema.WithHeaders(V1Contact, { etag })
const changeable = { params: contactParams, headers: conditionalHeaders } as const
const notChanged = [NotFound.schema, PreconditionFailed.schema] as const

export class V1ContactsGroup extends HttpApiGroup.make("contacts", { topLevel: true })
  .add(
    HttpApiEndpoint.get("searchContacts", "/contacts", {
      query: contactListQuery,
      success: HttpApiSchema.WithHeaders(
        V1Contact.pipe(Schema.Array).annotate({ description: "A part of the contacts" }),
        pageHeaders
      )
    }).annotateMerge(operations.searchContacts),
    HttpApiEndpoint.post("addContact", "/contacts", {
      headers: keyedHeaders,
      payload: NewContact,
      success: HttpApiSchema.WithHeaders(V1Contact.pipe(HttpApiSchema.status(201)), {
        etag,
        location,
        ...replayed
      })
    })
      .middleware(Idempotent)
      .annotateMerge(operations.addContact),
    HttpApiEndpoint.get("listBirthdays", "/contacts/birthdays", {
      query: birthdaysQuery,
      success: V1Birthday.pipe(Schema.Array).annotate({ description: "The nearest first" })
    }).annotateMerge(operations.listBirthdays),
    HttpApiEndpoint.get("readContact", "/contacts/:contact_id", {
      ...changeable,
      success: [contact, notModified],
      error: notChanged
    }).annotateMerge(operations.readContact),
    HttpApiEndpoint.put("replaceContact", "/contacts/:contact_id", {
      ...changeable,
      payload: ContactReplacement,
      success: contact,
      error: notChanged
    }).annotateMerge(operations.replaceContact),
    HttpApiEndpoint.patch("changeContact", "/contacts/:contact_id", {
      ...changeable,
      payload: ContactChange,
      success: contact,
      error: notChanged
    }).annotateMerge(operations.changeContact),
    HttpApiEndpoint.delete("removeContact", "/contacts/:contact_id", {
      ...changeable,
      success: HttpApiSchema.NoContent,
      error: notChanged
    }).annotateMerge(operations.removeContact)
  )
  .middleware(Body)
  .middleware(VerifiedAccount)
  .middleware(Authorization)
  .prefix("/api/v1")
  .annotateMerge(OpenApi.annotations({ description: "The address book" })) {}
