import { assert, layer } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { PublishedEvents } from "../../src/adapters/memory/EventPublisherMemory.ts"
import { UpstreamService } from "../../src/adapters/memory/UpstreamMemory.ts"
import { Registration } from "../../src/application/accounts/Registration.ts"
import { Sessions } from "../../src/application/accounts/Sessions.ts"
import { SignIn } from "../../src/application/accounts/SignIn.ts"
import { AddressBook } from "../../src/application/contacts/AddressBook.ts"
import { Notebook } from "../../src/application/contacts/Notebook.ts"
import { Username } from "../../src/domain/accounts/Account.ts"
import { Password } from "../../src/domain/accounts/Password.ts"
import { NoteBody } from "../../src/domain/contacts/Note.ts"
import { UpstreamUnavailable } from "../../src/domain/contacts/Upstream.ts"
import { RookeryMemory } from "../../src/RookeryMemory.ts"

layer(RookeryMemory)("a note", (it) => {
  it.effect("reaches the upstream service once that is back", () =>
    Effect.gen(function* () {
      const password = Redacted.make(Password.make("correct horse"))
      const registration = yield* Registration
      yield* registration.register({ username: Username.make("ada"), password })

      const signIn = yield* SignIn
      const { accessToken } = yield* signIn.withPassword({
        identifier: "ada",
        password,
        dialect: "classic",
        refreshable: true,
        userAgent: undefined
      })
      const sessions = yield* Sessions
      const { accountId } = yield* sessions.authenticate(Redacted.value(accessToken))

      const upstream = yield* UpstreamService
      yield* upstream.answer(() => Effect.fail(new UpstreamUnavailable({ reason: "answered 503" })))

      const [book, notebook] = [yield* AddressBook, yield* Notebook]
      const nothing = {
        lastName: null,
        email: null,
        phone: null,
        company: null,
        title: null,
        birthday: null,
        notes: null
      }
      const contact = yield* book.add(accountId, { firstName: "Charles", ...nothing })
      const note = yield* notebook.add(accountId, contact.id, NoteBody.make("Ask about the engine"))
      const processing = Effect.map(notebook.get(accountId, contact.id, note.id), (now) => now.processing)

      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* processing).status, "pending")
      assert.strictEqual((yield* processing).lastError, "answered 503")

      yield* upstream.answer(() => Effect.void)
      yield* TestClock.adjust("1 hour")
      assert.strictEqual((yield* processing).status, "delivered")

      const published = yield* PublishedEvents
      const [event] = yield* published.all
      assert.strictEqual(event?.type, "rookery.notes.created")
      assert.strictEqual(event?.subject, `contacts/${contact.id}/notes/${note.id}`)
    })
  )
})
