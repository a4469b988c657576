import { assert } from "@effect/vitest"
import { DateTime, Effect, Layer, Schema } from "effect"
import { Friends } from "../../../src/application/talk/Friends.ts"
import { PhoneHolders } from "../../../src/application/talk/PhoneHolders.ts"
import { makeFarewell } from "../../../src/application/talk/Farewell.ts"
import { makeWelcome } from "../../../src/application/talk/Welcome.ts"
import type { AccountId } from "../../../src/domain/accounts/Account.ts"
import { AccountRepository } from "../../../src/domain/accounts/AccountRepository.ts"
import { NotificationLog } from "../../../src/domain/notifications/NotificationLog.ts"
import type { Notifier } from "../../../src/domain/notifications/Notifier.ts"
import type { PhoneDigits } from "../../../src/domain/shared/PhoneNumber.ts"
import { Transaction } from "../../../src/domain/shared/Transaction.ts"
import { DisplayName, type Friend } from "../../../src/domain/talk/Friend.ts"
import type { FriendshipRepository } from "../../../src/domain/talk/FriendshipRepository.ts"
import { outcome } from "../../contracts/AtOnce.ts"
import { somePhone } from "../../contracts/Fixtures.ts"
import { FriendshipModel } from "../../domain/talk/FriendshipModel.ts"

/** The use case on ports, without whatever else there is. */
export const friendsOn = <A, E>(ports: Layer.Layer<A, E>) =>
  Friends.layer.pipe(Layer.provideMerge(PhoneHolders.layer), Layer.provideMerge(ports))

export const request = (owner: AccountId, phone: PhoneDigits, name?: string) =>
  Friends.use((friends) => friends.request(owner, phone, name === undefined ? undefined : DisplayName.make(name)))
export const accept = (owner: AccountId, phone: PhoneDigits) => Friends.use((friends) => friends.accept(owner, phone))
export const remove = (owner: AccountId, phone: PhoneDigits) => Friends.use((friends) => friends.remove(owner, phone))
export const rename = (owner: AccountId, phone: PhoneDigits, name: string) =>
  Friends.use((friends) => friends.rename(owner, phone, DisplayName.make(name)))
export const listOf = (owner: AccountId) => Friends.use((friends) => friends.list(owner))

/** What somebody has been told, all of it. */
export const toldTo = (owner: AccountId) => NotificationLog.use((log) => Effect.orDie(log.listAfter(owner, 0, 10_000)))

/** An account that signs up with the number. */
export const signUp = Effect.fnUntraced(function* (phone: PhoneDigits) {
  const [accounts, welcome, { atomic }] = [yield* AccountRepository, yield* makeWelcome, yield* Transaction]
  const opening = Effect.gen(function* () {
    const { id } = yield* accounts.insertWithPhone(phone, yield* DateTime.now)
    yield* welcome(id, phone)
    return id
  })
  return yield* Effect.orDie(atomic(opening))
})

/** Deletes an account, whose number is free then. */
export const leave = Effect.fnUntraced(function* (id: AccountId) {
  const [accounts, farewell, { atomic }] = [yield* AccountRepository, yield* makeFarewell, yield* Transaction]
  const leaving = Effect.andThen(accounts.findByIdForUpdate(id), farewell(id))
  yield* Effect.orDie(atomic(Effect.andThen(leaving, accounts.delete(id))))
})

/** Gives an account another number. */
export const renumber = Effect.fnUntraced(function* (id: AccountId, phone: PhoneDigits) {
  const [accounts, welcome, { atomic }] = [yield* AccountRepository, yield* makeWelcome, yield* Transaction]
  yield* Effect.orDie(atomic(Effect.andThen(accounts.savePhone(id, phone), welcome(id, phone))))
})

type Services = Friends | AccountRepository | FriendshipRepository | NotificationLog | Notifier | Transaction

const Person = Schema.Literals([1, 2, 3])
type Person = typeof Person.Type

/** Most of it is between two, who come further so. */
const Often = Schema.Literals([1, 2, 1, 2, 3])

export const Command = Schema.Struct({
  me: Often,
  other: Often,
  /** `signUp` is what it comes to where somebody has no account. */
  what: Schema.Literals(["ask", "ask", "accept", "remove", "remove", "rename", "renumber", "leave"]),
  name: Schema.Literals(["Ada", "Bob", " ", ""])
})
export type Command = typeof Command.Type
type Deed = Omit<Command, "what"> & { readonly what: Command["what"] | "signUp" }

interface Neighbour {
  id: AccountId | undefined
  phone: PhoneDigits
}

/** Three people and the model of what they do; the third has not signed up yet. */
export class Neighbours {
  readonly model = new FriendshipModel()
  readonly names = new Map<string, string>()
  readonly people: Record<Person, Neighbour> = {
    1: { id: undefined, phone: somePhone() },
    2: { id: undefined, phone: somePhone() },
    3: { id: undefined, phone: somePhone() }
  }

  /** Carries the command out, and sees that everybody has, sees and is told what the model says, and nothing else. */
  readonly act = Effect.fnUntraced(function* (this: Neighbours, wanted: Command) {
    const { me, other } = wanted
    if (me === other) return
    // Nobody does anything before they have signed up.
    const command = this.people[me].id === undefined ? { ...wanted, what: "signUp" as const } : wanted
    const before = yield* this.look()
    const isNew = this.people[me].id === undefined
    const expected = this.expect(command)
    assert.strictEqual(yield* outcome(this.carryOut(command)), expected)
    if (this.model.sees(me, other) === undefined) {
      for (const key of [`${me}>${other}`, `${other}>${me}`]) this.names.delete(key)
    }
    const now = yield* this.look()
    for (const person of Person.literals) {
      const after = now[person]
      if (this.people[person].id === undefined) continue
      assert.deepStrictEqual(after.view, this.expectedView(person), `${person} after ${JSON.stringify(command)}`)
      const changed = JSON.stringify(after.view) !== JSON.stringify(before[person].view)
      const renamed = command.what === "rename" && person === me && expected === "done"
      // A request that waited for a number has arrived.
      const arrived = isNew && person !== me && this.model.sees(person, me) !== undefined
      const told = before[person].told + (changed || renamed || arrived ? 1 : 0)
      assert.strictEqual(after.told, told, `told ${person} after ${JSON.stringify(command)}`)
      this.checkTouches(before[person].list, after.list)
    }
  })

  expect({ me, name, other, what }: Deed): string {
    const key = `${me}>${other}`
    if (what === "signUp" || what === "renumber") return "done"
    if (what === "leave") {
      this.model.leave(me)
      for (const name of [...this.names.keys()].filter((name) => name.includes(`${me}`))) this.names.delete(name)
      return "done"
    }
    if (what === "rename") {
      if (this.model.sees(me, other) === undefined) return "FriendNotFound"
      if (name.trim() === "") this.names.delete(key)
      else this.names.set(key, name)
      return "done"
    }
    const expected = this.model[what](me, other)
    if (what === "ask" && expected === "done" && name.trim() !== "") this.names.set(key, name)
    return expected
  }

  carryOut({ me, name, other, what }: Deed): Effect.Effect<void, { readonly _tag: string }, Services> {
    const mine = this.people[me]
    const { phone } = this.people[other]
    const id = mine.id
    if (id === undefined) {
      return Effect.map(signUp(mine.phone), (signedUp) => void (mine.id = signedUp))
    }
    switch (what) {
      case "ask":
        return request(id, phone, name)
      case "accept":
        return accept(id, phone)
      case "remove":
        return remove(id, phone)
      case "rename":
        return rename(id, phone, name)
      case "renumber":
        mine.phone = somePhone()
        return renumber(id, mine.phone)
      case "leave":
        mine.id = undefined
        return leave(id)
      case "signUp":
        return Effect.void
    }
  }

  expectedView(me: Person) {
    return Person.literals
      .flatMap((other) => {
        const status = me === other ? undefined : this.model.sees(me, other)
        const { phone } = this.people[other]
        return status === undefined ? [] : [{ phone, status, name: this.names.get(`${me}>${other}`) ?? phone }]
      })
      .toSorted((one, other) => Number(one.phone) - Number(other.phone))
  }

  readonly look = Effect.fnUntraced(function* (this: Neighbours) {
    const of = ({ id }: Neighbour) =>
      id === undefined
        ? Effect.succeed({ list: [], view: [], told: 0 })
        : Effect.all([listOf(id), toldTo(id)]).pipe(
            Effect.map(([list, told]) => ({ list, view: viewOf(list), told: told.length }))
          )
    return { 1: yield* of(this.people[1]), 2: yield* of(this.people[2]), 3: yield* of(this.people[3]) }
  })

  /** Who sees another status is touched; nobody else is, whatever the other side does. */
  checkTouches(before: ReadonlyArray<Friend>, after: ReadonlyArray<Friend>) {
    for (const friend of after) {
      const known = before.find(({ accountId }) => accountId !== null && accountId === friend.accountId)
      if (known === undefined) continue
      const touched = !Object.is(DateTime.toEpochMillis(known.lastTouchAt), DateTime.toEpochMillis(friend.lastTouchAt))
      assert.strictEqual(touched, known.status !== friend.status)
    }
    const times = after.map(({ lastTouchAt }) => -DateTime.toEpochMillis(lastTouchAt))
    assert.deepStrictEqual(
      times,
      times.toSorted((one, other) => one - other)
    )
  }
}

const viewOf = (list: ReadonlyArray<Friend>) =>
  list
    .map(({ displayName, phoneNumber, status }) => ({ phone: phoneNumber, status, name: displayName }))
    .toSorted((one, other) => Number(one.phone) - Number(other.phone))

/** Two with accounts, and one whom the others can only invite. */
export const neighbours = Effect.gen(function* () {
  const all = new Neighbours()
  for (const person of [all.people[1], all.people[2]]) person.id = yield* signUp(person.phone)
  return all
})
