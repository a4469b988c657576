import { assert, layer } from "@effect/vitest"
import { Data, Deferred, Effect, Exit, Fiber, type Layer } from "effect"
import type { AccountRepository } from "../../src/domain/accounts/AccountRepository.ts"
import { ContactRepository } from "../../src/domain/contacts/ContactRepository.ts"
import { NoteBody } from "../../src/domain/contacts/Note.ts"
import { NoteRepository } from "../../src/domain/contacts/NoteRepository.ts"
import type { Outbox } from "../../src/domain/events/Outbox.ts"
import { Transaction } from "../../src/domain/shared/Transaction.ts"
import { ada, arrivals, emptyOutbox, someAccount, someContact } from "./Fixtures.ts"

type Ports = AccountRepository | ContactRepository | NoteRepository | Outbox | Transaction

class Regret extends Data.TaggedError("Regret")<{}> {}

/** Every Transaction must pass this together with its repositories, whatever they store things in. */
export const transactionContract = <E>(name: string, adapter: Layer.Layer<Ports, E>) =>
  layer(adapter, { excludeTestServices: true })(`Transaction: ${name}`, (it) => {
    const namesOf = (owner: Parameters<ContactRepository["Service"]["listByOwner"]>[0]) =>
      ContactRepository.use((contacts) => contacts.listByOwner(owner, 0, 100)).pipe(
        Effect.map((all) => all.map((contact) => contact.firstName))
      )
    const setting = Effect.gen(function* () {
      const { atomic } = yield* Transaction
      const contacts = yield* ContactRepository
      const { id: owner } = yield* someAccount
      const add = (firstName: string) => contacts.insert(owner, { ...ada, firstName })
      return { atomic, add, owner }
    })

    it.effect("keeps everything of what succeeds", () =>
      Effect.gen(function* () {
        const { add, atomic, owner } = yield* setting
        const answer = yield* atomic(Effect.as(Effect.andThen(add("one"), add("two")), "answer"))
        assert.strictEqual(answer, "answer")
        assert.deepStrictEqual(yield* namesOf(owner), ["one", "two"])
      })
    )

    it.effect("keeps nothing of what fails, and passes the failure on", () =>
      Effect.gen(function* () {
        const { add, atomic, owner } = yield* setting
        const error = yield* Effect.flip(atomic(Effect.andThen(add("one"), Effect.fail(new Regret()))))
        assert.deepStrictEqual(error, new Regret())
        assert.deepStrictEqual(yield* namesOf(owner), [])
      })
    )

    it.effect("keeps nothing of what dies", () =>
      Effect.gen(function* () {
        const { add, atomic, owner } = yield* setting
        const exit = yield* Effect.exit(atomic(Effect.andThen(add("one"), Effect.die("bug"))))
        assert.isTrue(Exit.hasDies(exit))
        assert.deepStrictEqual(yield* namesOf(owner), [])
      })
    )

    it.effect("keeps nothing of what is interrupted, and goes on", () =>
      Effect.gen(function* () {
        const { add, atomic, owner } = yield* setting
        const added = yield* Deferred.make<void>()
        const fiber = yield* add("one").pipe(
          Effect.andThen(Deferred.succeed(added, undefined)),
          Effect.andThen(Effect.never),
          atomic,
          Effect.forkChild
        )
        yield* Deferred.await(added)
        yield* Fiber.interrupt(fiber)
        assert.deepStrictEqual(yield* namesOf(owner), [])
        yield* atomic(add("two"))
        assert.deepStrictEqual(yield* namesOf(owner), ["two"])
      })
    )

    // Whether others wait for the end of a transaction or see what was there before it, is the store's own affair.
    it.effect("shows its changes to itself at once, and to nobody else before it commits", () =>
      Effect.gen(function* () {
        const { add, atomic, owner } = yield* setting
        const added = yield* Deferred.make<ReadonlyArray<string>>()
        const writer = Effect.gen(function* () {
          yield* add("one")
          yield* Deferred.succeed(added, yield* namesOf(owner))
          yield* Effect.sleep("50 millis")
          return yield* new Regret()
        }).pipe(atomic, Effect.ignore)
        const reader = Effect.andThen(Deferred.await(added), Effect.replicateEffect(namesOf(owner), 3))
        const [outside] = yield* Effect.all([reader, writer], { concurrency: "unbounded" })
        assert.deepStrictEqual(yield* Deferred.await(added), ["one"])
        assert.deepStrictEqual(outside, [[], [], []])
      })
    )

    it.effect("undoes a nested one alone when it fails", () =>
      Effect.gen(function* () {
        const { add, atomic, owner } = yield* setting
        yield* Effect.gen(function* () {
          yield* add("one")
          yield* Effect.ignore(atomic(Effect.andThen(add("two"), Effect.fail(new Regret()))))
          yield* atomic(add("three"))
        }).pipe(atomic)
        assert.deepStrictEqual(yield* namesOf(owner), ["one", "three"])
      })
    )

    it.effect("undoes a nested one with the outer one", () =>
      Effect.gen(function* () {
        const { add, atomic, owner } = yield* setting
        yield* Effect.ignore(atomic(Effect.andThen(atomic(add("one")), Effect.fail(new Regret()))))
        assert.deepStrictEqual(yield* namesOf(owner), [])
      })
    )

    it.effect("does what waits for the commit after it and before it answers, and at once where nothing is open", () =>
      Effect.gen(function* () {
        const { add, atomic, owner } = yield* setting
        const { afterCommit } = yield* Transaction
        const contacts = yield* ContactRepository
        const seen: Array<ReadonlyArray<string>> = []
        const look = (name: string) =>
          afterCommit(
            Effect.map(contacts.listByOwner(owner, 0, 100), (all) => {
              seen.push([name, ...all.map((contact) => contact.firstName)])
            })
          )
        const inner = Effect.andThen(add("two"), look("inner"))
        yield* add("one").pipe(Effect.andThen(look("outer")), Effect.andThen(atomic(inner)), atomic)
        assert.deepStrictEqual(seen, [
          ["outer", "one", "two"],
          ["inner", "one", "two"]
        ])
        yield* look("outside")
        assert.deepStrictEqual(seen[2], ["outside", "one", "two"])
      })
    )

    it.effect("forgets what waits for a commit that does not come, also of a nested one alone", () =>
      Effect.gen(function* () {
        const { atomic, afterCommit } = yield* Transaction
        const done: Array<string> = []
        const later = (name: string) => afterCommit(Effect.sync(() => void done.push(name)))
        yield* Effect.ignore(atomic(Effect.andThen(atomic(later("one")), Effect.fail(new Regret()))))
        assert.deepStrictEqual(done, [])
        const nested = Effect.ignore(atomic(Effect.andThen(later("two"), Effect.fail(new Regret()))))
        yield* Effect.andThen(nested, later("three")).pipe(atomic)
        assert.deepStrictEqual(done, ["three"])
      })
    )

    it.effect("does what waits for the commit also for whoever is not there any more to hear of it", () =>
      Effect.gen(function* () {
        const { atomic, afterCommit } = yield* Transaction
        const waiting = yield* Deferred.make<void>()
        let done = false
        const fiber = yield* afterCommit(Effect.sync(() => void (done = true))).pipe(
          Effect.andThen(Deferred.succeed(waiting, undefined)),
          Effect.andThen(Effect.never),
          atomic,
          Effect.forkChild
        )
        yield* Deferred.await(waiting)
        yield* Fiber.interrupt(fiber)
        assert.isTrue(done)
      })
    )

    it.effect("does something else where nobody can tell whether the commit came, also of a nested one alone", () =>
      Effect.gen(function* () {
        const { atomic, afterCommit } = yield* Transaction
        const done: Array<string> = []
        const note = (name: string) => Effect.sync(() => void done.push(name))
        const later = (name: string) => afterCommit(note(`${name} is there`), note(`${name} may be there`))
        yield* later("one")
        yield* atomic(Effect.andThen(later("two"), atomic(later("three"))))
        yield* Effect.exit(atomic(Effect.andThen(later("four"), Effect.die("lost"))))
        const nested = Effect.exit(atomic(Effect.andThen(later("five"), Effect.die("lost"))))
        yield* atomic(Effect.andThen(nested, later("six")))
        yield* Effect.ignore(atomic(Effect.andThen(later("seven"), Effect.fail(new Regret()))))
        assert.deepStrictEqual(done, [
          "one is there",
          "two is there",
          "three is there",
          "four may be there",
          "five may be there",
          "six is there"
        ])
      })
    )

    it.effect("tells nothing that was rolled back, and everything that was committed", () =>
      Effect.gen(function* () {
        const { atomic } = yield* Transaction
        const [contacts, notes] = [yield* ContactRepository, yield* NoteRepository]
        const { contact, owner } = yield* someContact
        const kept = yield* notes.insert(owner, contact.id, NoteBody.make("kept"))
        yield* emptyOutbox
        const changes = Effect.gen(function* () {
          const note = yield* notes.insert(owner, contact.id, NoteBody.make("new"))
          yield* notes.saveBody(owner, contact.id, note.id, NoteBody.make("newer"))
          yield* contacts.delete(owner, contact.id)
        })
        yield* Effect.ignore(atomic(Effect.andThen(changes, Effect.fail(new Regret()))))
        assert.deepStrictEqual([...(yield* arrivals("broker")), ...(yield* arrivals("upstream"))], [])
        const found = yield* notes.findById(owner, contact.id, kept.id)
        assert.deepStrictEqual(yield* notes.listByContact(owner, contact.id, 0, 10), [found])

        yield* atomic(changes)
        const types = (yield* arrivals("broker")).map((entry) => entry.type.replace("rookery.notes.", ""))
        assert.deepStrictEqual(types.toSorted(), ["created", "deleted", "deleted", "updated"])
      })
    )

    it.effect("runs many at once without mixing them up", () =>
      Effect.gen(function* () {
        const { add, atomic, owner } = yield* setting
        const attempts = Array.from({ length: 16 }, (_, index) => {
          const pair = Effect.andThen(add(`${index}`), add(`${index}`))
          return Effect.ignore(atomic(index % 2 === 0 ? pair : Effect.andThen(pair, Effect.fail(new Regret()))))
        })
        yield* Effect.all(attempts, { concurrency: "unbounded", discard: true })
        const expected = Array.from({ length: 8 }, (_, index) => [`${index * 2}`, `${index * 2}`]).flat()
        assert.sameMembers(yield* namesOf(owner), expected)
      })
    )
  })
