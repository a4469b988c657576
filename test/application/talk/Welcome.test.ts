import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { accountOf, code, completeSignUp, PhoneWorld, requestSignUp, signedUp, start } from "../accounts/PhoneWorld.ts"
import { somePhone } from "../../contracts/Fixtures.ts"
import { testOn } from "../RookeryTest.ts"
import { friendsOn, listOf, request, toldTo } from "./Neighbours.ts"

const test = testOn(friendsOn(PhoneWorld))

test(
  "who signs up by phone has the requests that waited for the number",
  Effect.gen(function* () {
    yield* start
    const [adas, bobs] = [somePhone(), somePhone()]
    const ada = yield* accountOf(yield* signedUp(adas))
    yield* request(ada.id, bobs, "Bob")
    const bob = yield* accountOf(yield* signedUp(bobs))
    assert.deepStrictEqual(
      (yield* listOf(bob.id)).map(({ phoneNumber, status }) => [phoneNumber, status]),
      [[adas, "requested"]]
    )
    assert.lengthOf(yield* toldTo(bob.id), 1)
  })
)

test(
  "who takes another number is seen under it by friends, and has the requests that waited there",
  Effect.gen(function* () {
    yield* start
    const [adas, bobs, carols, next] = [somePhone(), somePhone(), somePhone(), somePhone()]
    const [ada, bob] = [yield* accountOf(yield* signedUp(adas)), yield* accountOf(yield* signedUp(bobs))]
    const carol = yield* accountOf(yield* signedUp(carols))
    yield* request(ada.id, bobs)
    yield* request(carol.id, next)
    yield* requestSignUp(next)
    yield* completeSignUp(next, yield* code(next), bob.id)
    for (const { id } of [ada, carol]) {
      assert.deepStrictEqual(
        (yield* listOf(id)).map(({ accountId, phoneNumber, status }) => [accountId, phoneNumber, status]),
        [[bob.id, next, "requesting"]]
      )
    }
    assert.sameMembers(
      (yield* listOf(bob.id)).map(({ accountId }) => accountId),
      [ada.id, carol.id]
    )
  })
)
