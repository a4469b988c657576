import { assert, layer } from "@effect/vitest"
import { Arbitrary, Effect, Layer, Option } from "effect"
import { Profile } from "../../../src/application/accounts/Profile.ts"
import { Sessions } from "../../../src/application/accounts/Sessions.ts"
import { Friends } from "../../../src/application/talk/Friends.ts"
import type { AccountId } from "../../../src/domain/accounts/Account.ts"
import type { PhoneDigits } from "../../../src/domain/shared/PhoneNumber.ts"
import { FriendshipRepository } from "../../../src/domain/talk/FriendshipRepository.ts"
import { lifetimes } from "../../application/accounts/AccountWorld.ts"
import {
  accept,
  Command,
  friendsOn,
  listOf,
  neighbours,
  remove,
  rename,
  renumber,
  request,
  signUp,
  toldTo
} from "../../application/talk/Neighbours.ts"
import { outcome, together } from "../../contracts/AtOnce.ts"
import { arrivals, emptyOutbox, somePerson, somePhone } from "../../contracts/Fixtures.ts"
import { describeWith, postgresUrl } from "../../support/Services.ts"
import { databases, serverDatabase } from "../../support/TestDatabase.ts"
import { portsOn } from "./UseCasePorts.ts"

const often = <E, R>(round: Effect.Effect<unknown, E, R>, rounds: number) =>
  Effect.replicateEffect(round, rounds, { discard: true })

const sees = (owner: AccountId, phone: PhoneDigits) =>
  Effect.map(
    Friends.use((friends) => friends.find(owner, phone)),
    (found) => Option.getOrUndefined(found)?.status
  )
const person = Effect.map(somePerson, ({ id, phoneNumber }) => ({ id, phone: phoneNumber }))
const pair = Effect.all([person, person])
interface Person {
  readonly id: AccountId
  readonly phone: PhoneDigits
}
const both = Effect.fnUntraced(function* (one: Person, other: Person) {
  return [yield* sees(one.id, other.phone), yield* sees(other.id, one.phone)]
})

for (const { fresh, name, needs } of databases) {
  describeWith(...needs)(`friends: ${name}`, () => {
    layer(friendsOn(portsOn(fresh())), { excludeTestServices: true, timeout: "60 seconds" })("use case", (it) => {
      const commands = Arbitrary.array(Arbitrary.schema(Command), { minLength: 10, maxLength: 25 })

      it.effect.prop(
        "sees to it that everybody has and is told what is theirs, whatever three people do",
        { commands },
        ({ commands }) =>
          Effect.gen(function* () {
            const all = yield* neighbours
            for (const command of commands) yield* all.act(command)
          }),
        { arbitrary: { runs: 12 } }
      )
    })
  })
}

/** On a database where transactions run beside each other, unlike those in memory. */
const OnServer = Profile.layer.pipe(
  Layer.provideMerge(Sessions.layer(lifetimes)),
  Layer.provideMerge(friendsOn(portsOn(serverDatabase())))
)

describeWith(postgresUrl)("friends at once", () => {
  layer(OnServer, { excludeTestServices: true, timeout: "60 seconds" })("on a server", (it) => {
    it.effect("are friends where each asks the other", () =>
      often(
        Effect.gen(function* () {
          const [one, other] = yield* pair
          const asked = yield* Effect.all(
            [outcome(request(one.id, other.phone)), outcome(request(other.id, one.phone))],
            together
          )
          assert.deepStrictEqual(asked, ["done", "done"])
          assert.deepStrictEqual(yield* both(one, other), ["accepted", "accepted"])
          assert.deepStrictEqual([(yield* toldTo(one.id)).length, (yield* toldTo(other.id)).length], [2, 2])
        }),
        50
      )
    )

    it.effect("are asked once by who asks many times", () =>
      often(
        Effect.gen(function* () {
          const [one, other] = yield* pair
          const attempts = Array.from({ length: 6 }, () => outcome(request(one.id, other.phone)))
          const asked = yield* Effect.all(attempts, together)
          assert.deepStrictEqual(asked.toSorted(), [...Array.from({ length: 5 }, () => "AlreadyAsked"), "done"])
          assert.deepStrictEqual(yield* both(one, other), ["requesting", "requested"])
        }),
        10
      )
    )

    it.effect("are asked for sure where the number that is invited signs up just then", () =>
      often(
        Effect.gen(function* () {
          const friendships = yield* FriendshipRepository
          const [one, other] = yield* pair
          const phone = somePhone()
          yield* request(other.id, phone)
          const [asked, id] = yield* Effect.all([outcome(request(one.id, phone, "Ada")), signUp(phone)], together)
          assert.strictEqual(asked, "done")
          assert.deepStrictEqual(yield* friendships.listInviters(phone), [])
          for (const inviter of [one, other]) {
            assert.deepStrictEqual(yield* both(inviter, { id, phone }), ["requesting", "requested"])
          }
          assert.deepStrictEqual(
            (yield* listOf(one.id)).map(({ accountId, displayName }) => [accountId, displayName]),
            [[id, "Ada"]]
          )
        }),
        50
      )
    )

    it.effect("have no request of who takes the invitation back while its number signs up", () =>
      often(
        Effect.gen(function* () {
          const one = yield* person
          const phone = somePhone()
          yield* request(one.id, phone)
          const [removed, renamed, id] = yield* Effect.all(
            [outcome(remove(one.id, phone)), outcome(rename(one.id, phone, "Ada")), signUp(phone)],
            together
          )
          assert.strictEqual(removed, "done")
          assert.include(["done", "FriendNotFound"], renamed)
          assert.deepStrictEqual([yield* listOf(one.id), yield* listOf(id)], [[], []])
        }),
        30
      )
    )

    it.effect("send a number one SMS, however many invite it", () =>
      often(
        Effect.gen(function* () {
          yield* emptyOutbox
          const people = yield* Effect.replicateEffect(person, 6)
          const phone = somePhone()
          yield* Effect.all(
            people.map(({ id }) => request(id, phone)),
            together
          )
          assert.lengthOf(yield* arrivals("sms"), 1)
          const id = yield* signUp(phone)
          assert.lengthOf(yield* listOf(id), 6)
        }),
        5
      )
    )

    it.effect("agree on what they are, and wait for nobody for good, whatever all do at once", () =>
      often(
        Effect.gen(function* () {
          const people = yield* Effect.replicateEffect(person, 4)
          const deeds = people.flatMap((one) =>
            people.flatMap((other) =>
              one === other
                ? []
                : [request, accept, remove, request].map((deed) =>
                    outcome<void, { readonly _tag: string }, Friends>(deed(one.id, other.phone))
                  )
            )
          )
          const outcomes = yield* Effect.all(deeds, together)
          assert.includeMembers(["done", "AlreadyAsked", "FriendNotFound"], outcomes)
          const matching: Record<string, ReadonlyArray<string>> = {
            none: ["none"],
            requesting: ["requested", "deleted"],
            requested: ["requesting"],
            accepted: ["accepted"],
            deleted: ["requesting", "blocked", "deleted"],
            blocked: ["deleted"]
          }
          for (const one of people) {
            for (const other of people) {
              if (one === other) continue
              const [mine = "none", theirs = "none"] = yield* both(one, other)
              assert.include(matching[mine], theirs)
            }
          }
        }),
        8
      )
    )

    it.effect("are friends where each gets the number that the other has invited", () =>
      often(
        Effect.gen(function* () {
          const [one, other] = yield* pair
          const [ones, others] = [somePhone(), somePhone()]
          yield* request(one.id, others)
          yield* request(other.id, ones)
          yield* Effect.all([renumber(one.id, ones), renumber(other.id, others)], together)
          const [first, second] = [
            { id: one.id, phone: ones },
            { id: other.id, phone: others }
          ]
          assert.deepStrictEqual(yield* both(first, second), ["accepted", "accepted"])
        }),
        100
      )
    )

    it.effect("wait for nobody for good where accounts go, or get another number, meanwhile", () =>
      often(
        Effect.gen(function* () {
          const profile = yield* Profile
          const people = yield* Effect.replicateEffect(person, 5)
          const [stays, moves, ...leave] = people
          if (stays === undefined || moves === undefined) return assert.fail()
          const number = somePhone()
          for (const one of people) {
            for (const other of people) if (one.id < other.id) yield* request(one.id, other.phone)
            yield* request(one.id, number)
          }
          const deeds = people.flatMap((one) =>
            people.map((other) => outcome<void, { readonly _tag: string }, Friends>(request(one.id, other.phone)))
          )
          const cancelled = people.map(({ id }) => outcome(remove(id, number)))
          yield* Effect.all(
            [
              ...leave.map(({ id }) => Effect.orDie(profile.remove(id, undefined))),
              ...deeds,
              ...cancelled.slice(1),
              renumber(moves.id, number)
            ],
            together
          )
          // Who has left is at most a number now, which they invite.
          assert.deepStrictEqual(
            (yield* listOf(stays.id)).flatMap(({ accountId, phoneNumber }) =>
              accountId === null ? [] : [{ accountId, phoneNumber }]
            ),
            [{ accountId: moves.id, phoneNumber: number }]
          )
        }),
        10
      )
    )
  })
})
