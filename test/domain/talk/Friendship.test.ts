import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Result, Schema } from "effect"
import {
  accept,
  AlreadyAsked,
  ask,
  type FriendNotFound,
  isForgotten,
  mirrored,
  remove,
  seenBy,
  type Stances,
  statusOf,
  strangers
} from "../../../src/domain/talk/Friendship.ts"
import { FriendshipModel, type Outcome } from "./FriendshipModel.ts"

const Person = Schema.Literals([1, 2, 3])
const What = Schema.Literals(["ask", "accept", "remove"])
const Command = Schema.Struct({ me: Person, other: Person, what: What })
type Command = typeof Command.Type

const actions: Record<Command["what"], (pair: Stances) => Result.Result<Stances, AlreadyAsked | FriendNotFound>> = {
  ask,
  accept,
  remove
}

/** Pairs of stances, and with them the model and the memory of who wants what. */
class Town {
  readonly model: FriendshipModel
  readonly pairs: Map<string, Stances>
  /** Who has asked or accepted whom, and not gone back on it since. */
  readonly wishes: Set<string>

  constructor(other?: Town) {
    this.model = new FriendshipModel(other?.model)
    this.pairs = new Map(other?.pairs)
    this.wishes = new Set(other?.wishes)
  }

  get key() {
    return JSON.stringify([this.model.key, [...this.pairs].toSorted(), [...this.wishes].toSorted()])
  }

  pair(me: number, other: number): Stances {
    const pair = this.pairs.get(`${Math.min(me, other)} ${Math.max(me, other)}`) ?? strangers
    return me < other ? pair : mirrored(pair)
  }

  sees(me: number, other: number) {
    return statusOf(this.pair(me, other))
  }

  /** Carries the command out, and checks whatever has to hold after it. */
  act({ me, other, what }: Command) {
    const before = this.pair(me, other)
    const [mine, theirs] = [this.sees(me, other), this.sees(other, me)]
    const result = actions[what](before)
    const outcome: Outcome = Result.isSuccess(result) ? "done" : result.failure._tag
    assert.strictEqual(outcome, this.model[what](me, other))
    if (Result.isFailure(result)) {
      if (result.failure instanceof AlreadyAsked) assert.strictEqual(result.failure.status, mine)
      return
    }
    this.pairs.set(
      `${Math.min(me, other)} ${Math.max(me, other)}`,
      me < other ? result.success : mirrored(result.success)
    )
    if (what === "remove") this.wishes.delete(`${me} ${other}`)
    else this.wishes.add(`${me} ${other}`)

    const seen = { mine: this.sees(me, other) !== mine, theirs: this.sees(other, me) !== theirs }
    assert.deepStrictEqual(seenBy(before, result.success), seen)
    // Who is declined sees what was there before.
    if (what === "remove" && mine === "requested") assert.isFalse(seen.theirs)
    // Who is deleted is told no more than that.
    if (what === "remove" && theirs === "accepted") assert.strictEqual(this.sees(other, me), "blocked")
    // Who is blocked or declined gets no further by themselves.
    if (theirs === "deleted") assert.notInclude(["accepted", "requested"], this.sees(me, other) ?? "")
    this.check(me, other)
  }

  check(one: number, other: number) {
    for (const [me, them] of [
      [one, other],
      [other, one]
    ] as const) {
      const mine = this.sees(me, them)
      const theirs = this.sees(them, me)
      assert.strictEqual(mine, this.model.sees(me, them))
      // Nobody is accepted unless both want it, and both see it.
      const bothWish = this.wishes.has(`${me} ${them}`) && this.wishes.has(`${them} ${me}`)
      assert.strictEqual(mine === "accepted", bothWish)
      const matching = {
        none: ["none"],
        requesting: ["requested", "deleted"],
        requested: ["requesting"],
        accepted: ["accepted"],
        deleted: ["requesting", "blocked", "deleted"],
        blocked: ["deleted"]
      }
      assert.include(matching[mine ?? "none"], theirs ?? "none")
      if (isForgotten(this.pair(me, them))) assert.isUndefined(mine)
    }
  }
}

describe("friendship", () => {
  it("follows the rules, whatever two people ever do", () => {
    const commands = [1, 2].flatMap((me) =>
      What.literals.map((what): Command => ({ me, other: 3 - me, what }) as Command)
    )
    const known = new Map<string, Town>()
    const towns = [new Town()]
    for (const town of towns) {
      for (const command of commands) {
        const next = new Town(town)
        next.act(command)
        if (known.has(next.key)) continue
        known.set(next.key, next)
        towns.push(next)
      }
    }
    // All that can become of two, as both see it.
    const views = new Set(towns.map((town) => `${town.sees(1, 2)} ${town.sees(2, 1)}`))
    assert.sameMembers(
      [...views],
      [
        "undefined undefined",
        "requesting requested",
        "requested requesting",
        "requesting deleted",
        "deleted requesting",
        "accepted accepted",
        "deleted blocked",
        "blocked deleted",
        "deleted deleted"
      ]
    )
  })

  const commands = Arbitrary.array(Arbitrary.schema(Command), { minLength: 1, maxLength: 60 })

  it.prop("follows the rules among three", { commands }, ({ commands }) => {
    const town = new Town()
    for (const command of commands) if (command.me !== command.other) town.act(command)
    for (const [one, other] of [
      [1, 2],
      [1, 3],
      [2, 3]
    ] as const)
      town.check(one, other)
  })

  it.prop("leaves who was declined untold, whatever they do", { commands }, ({ commands }) => {
    const [declined, ignored] = [new Town(), new Town()]
    for (const town of [declined, ignored]) town.act({ me: 1, other: 2, what: "ask" })
    declined.act({ me: 2, other: 1, what: "remove" })
    for (const { what } of commands) {
      for (const town of [declined, ignored]) town.act({ me: 1, other: 2, what })
      assert.strictEqual(declined.sees(1, 2), ignored.sees(1, 2))
    }
  })

  it("lets who declined ask all the same, and then they are friends", () => {
    const town = new Town()
    for (const [me, what] of [
      [1, "ask"],
      [2, "remove"],
      [1, "remove"],
      [1, "ask"]
    ] as const) {
      town.act({ me, other: me === 1 ? 2 : 1, what })
    }
    assert.deepStrictEqual([town.sees(1, 2), town.sees(2, 1)], ["requesting", "deleted"])
    town.act({ me: 2, other: 1, what: "ask" })
    assert.deepStrictEqual([town.sees(1, 2), town.sees(2, 1)], ["accepted", "accepted"])
  })

  it("lifts of what both have ended only one's own part", () => {
    const town = new Town()
    for (const [me, what, mine, theirs] of [
      [1, "ask", "requesting", "requested"],
      [2, "accept", "accepted", "accepted"],
      [1, "remove", "deleted", "blocked"],
      [2, "ask", "blocked", "deleted"],
      [2, "remove", "deleted", "deleted"],
      [1, "ask", "blocked", "deleted"],
      [1, "ask", "blocked", "deleted"],
      [2, "ask", "accepted", "accepted"]
    ] as const) {
      const other = me === 1 ? 2 : 1
      town.act({ me, other, what })
      assert.deepStrictEqual([town.sees(me, other), town.sees(other, me)], [mine, theirs], `${me} ${what}`)
    }
  })
})
