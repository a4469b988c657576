import { DateTime, Effect, Result } from "effect"
import { HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { AddressBook } from "../../../application/contacts/AddressBook.ts"
import { Birthday } from "../../../domain/contacts/Birthday.ts"
import type { ContactId } from "../../../domain/contacts/Contact.ts"
import { dayIn, TimeZoneName } from "../../../domain/shared/TimeZoneName.ts"
import { CurrentSession } from "../Authorization.ts"
import { pageRequest } from "../PageQuery.ts"
import { type ConditionalHeaders, mayChange, preconditions, readStatus } from "../Preconditions.ts"
import { PublicUrl } from "../PublicUrl.ts"
import { V1Api } from "./V1Api.ts"
import {
  answerOf,
  answerWith,
  changedFields,
  contactMembers,
  contactsPath,
  newFields,
  pageAnswer,
  tagOf,
  toBirthday
} from "./V1ContactRepresentation.ts"
import type { ContactChange } from "./V1ContactSchemas.ts"
import { BadRequest, NotFound, PreconditionFailed } from "./V1Errors.ts"
import { invalidToken } from "./V1Refusals.ts"

export const contactNotFound = () => NotFound.of("Contact not found")
const contactChanged = () => PreconditionFailed.of("The contact has changed since it was read")

const utc = TimeZoneName.make("UTC")

const conditionsOf = (headers: ConditionalHeaders) =>
  Effect.fromResult(
    Result.mapError(preconditions(headers), (name) =>
      BadRequest.of(`The ${name} header must be a list of entity tags, or *`)
    )
  )

interface ChangeRequest {
  readonly params: { readonly contact_id: ContactId }
  readonly headers: ConditionalHeaders
}

export const V1ContactsHandlers = HttpApiBuilder.group(
  V1Api,
  "contacts",
  Effect.fn(function* (handlers) {
    const book = yield* AddressBook
    const publicUrl = yield* PublicUrl

    const change = Effect.fnUntraced(
      function* ({ headers, params, payload }: ChangeRequest & { readonly payload: ContactChange }) {
        const { accountId } = yield* CurrentSession
        const conditions = yield* conditionsOf(headers)
        const contact = yield* book.updateIf(
          accountId,
          params.contact_id,
          (present) => mayChange(conditions, tagOf(present)),
          () => changedFields(payload)
        )
        return answerWith(contact)
      },
      Effect.catchTags({
        ContactNotFound: () => Effect.fail(contactNotFound()),
        ContactChanged: () => Effect.fail(contactChanged())
      })
    )

    return handlers.handleAll({
      searchContacts: Effect.fnUntraced(function* ({ query }) {
        const { accountId } = yield* CurrentSession
        const search = query.search === undefined || query.search.trim() === "" ? undefined : query.search
        const request = { ...pageRequest(query), search }
        return pageAnswer(yield* book.jsonPage(accountId, request, contactMembers), request, publicUrl)
      }),
      addContact: Effect.fnUntraced(function* ({ payload }) {
        const { accountId } = yield* CurrentSession
        const contact = yield* Effect.mapError(book.add(accountId, newFields(payload)), invalidToken)
        return answerWith(contact, { location: publicUrl.to(`${contactsPath}/${contact.id}`) }, 201)
      }),
      listBirthdays: Effect.fnUntraced(function* ({ query }) {
        const { accountId } = yield* CurrentSession
        const today = Birthday.make(dayIn(query.tz ?? utc, yield* DateTime.now))
        const upcoming = yield* book.birthdays(accountId, today)
        return upcoming.map(toBirthday)
      }),
      readContact: Effect.fnUntraced(function* ({ headers, params }) {
        const { accountId } = yield* CurrentSession
        const found = book.getJson(accountId, params.contact_id, contactMembers)
        const answer = answerOf(yield* Effect.mapError(found, contactNotFound))
        const { etag = "" } = answer.headers
        const status = readStatus(yield* conditionsOf(headers), etag)
        if (status === 412) return yield* contactChanged()
        return status === 304 ? HttpServerResponse.empty({ status, headers: { etag } }) : answer
      }),
      replaceContact: change,
      changeContact: change,
      removeContact: Effect.fnUntraced(
        function* ({ headers, params }) {
          const { accountId } = yield* CurrentSession
          const conditions = yield* conditionsOf(headers)
          yield* book.removeIf(accountId, params.contact_id, (present) => mayChange(conditions, tagOf(present)))
        },
        Effect.catchTags({
          ContactNotFound: () => Effect.fail(contactNotFound()),
          ContactChanged: () => Effect.fail(contactChanged())
        })
      )
    })
  })
)
