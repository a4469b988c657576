import { assert, describe } from "@effect/vitest"
import { DateTime, Duration, Effect, HashMap, Layer, Logger, Option, Result } from "effect"
import { TestClock } from "effect/testing"
import { MemoryWorld } from "../../../src/adapters/memory/MemoryWorld.ts"
import { SmsService } from "../../../src/adapters/memory/SmsSenderMemory.ts"
import { pendingRow } from "../../../src/adapters/memory/World.ts"
import { SmsDelivery } from "../../../src/application/accounts/SmsDelivery.ts"
import { SmsQueue, type SmsRequest } from "../../../src/domain/accounts/SmsQueue.ts"
import { EventId, Outbox, OutboxEntry } from "../../../src/domain/events/Outbox.ts"
import { OutboxSignal } from "../../../src/domain/events/OutboxSignal.ts"
import { type Sms, SmsRejected, SmsUnavailable } from "../../../src/domain/shared/SmsSender.ts"
import { advance } from "../RookeryTest.ts"
import {
  adasPhone,
  bobsPhone,
  code,
  completeSignUp,
  passcodeTtl,
  publicUrl,
  received,
  requestSignUp,
  signedUp,
  test
} from "./PhoneWorld.ts"
import { outcome } from "../../contracts/AtOnce.ts"

/** What was logged at warning or above, or told that something is back. */
const told: Array<string> = []
const Told = Logger.layer([Logger.make(({ message }) => void told.push(String(message)))])

const start = Effect.suspend(() => {
  told.length = 0
  const relay = Layer.fresh(SmsDelivery({ publicUrl, passcodeTtl })).pipe(Layer.provide(Told))
  return Effect.andThen(Layer.build(relay), advance())
})

const answers = (answer: (sms: Sms) => Effect.Effect<void, SmsRejected | SmsUnavailable>) =>
  SmsService.use((service) => service.answer(answer))
const works = answers(() => Effect.void)
const fails = (error: SmsRejected | SmsUnavailable) => answers(() => Effect.fail(error))
const unreachable = new SmsUnavailable({ reason: "could not be reached: ECONNREFUSED" })
const tries = SmsService.use((service) => service.tries)
const triedCodes = Effect.map(tries, (all) => all.map(({ text }) => text.slice(0, 6)))

const ask = Effect.fnUntraced(function* (sms: SmsRequest) {
  yield* SmsQueue.use((queue) => queue.enqueue(sms))
  yield* OutboxSignal.use((signal) => signal.notifyOf(["sms"]))
  yield* advance()
})

const waiting = Outbox.use(({ depth }) =>
  Effect.map(depth, (all) => all.find(({ destination }) => destination === "sms")?.pending)
)
const deadLetters = Outbox.use((outbox) => outbox.listDead(10))

describe("SmsDelivery", () => {
  test(
    "sends a code at once, says how long it works, and another one each time",
    Effect.gen(function* () {
      yield* start
      const codes: Array<string> = []
      for (let n = 0; n < 5; n++) {
        yield* requestSignUp(adasPhone)
        codes.push(yield* code(adasPhone))
      }
      const texts = yield* received(adasPhone)
      assert.lengthOf(texts, 5)
      assert.match(texts[0] ?? "", /^\d{6} is your Rookery code\. It works once, for 10 minutes\. /)
      // One in a million million that any two of five were the same, ten times over.
      assert.isAtLeast(new Set(codes).size, 4)
      assert.strictEqual(yield* waiting, 0)
    })
  )

  test(
    "tries again with another code, and only the one that arrived last works",
    Effect.gen(function* () {
      // Taken, but nobody was told so.
      yield* fails(new SmsUnavailable({ reason: "did not answer within 10s" }))
      yield* start
      yield* requestSignUp(adasPhone)
      yield* advance("10 seconds")
      const [first, second] = yield* triedCodes
      yield* works
      yield* advance("30 seconds")
      const last = yield* code(adasPhone)
      assert.isAtLeast(new Set([first, second, last]).size, 2)
      for (const void_ of [first, second]) {
        if (void_ === undefined || void_ === last) continue
        assert.strictEqual(yield* outcome(completeSignUp(adasPhone, void_)), "WrongPasscode")
      }
      assert.strictEqual(yield* outcome(completeSignUp(adasPhone, last)), "done")
      assert.deepStrictEqual(told, [
        "The SMS service is away, trying until it is back: did not answer within 10s",
        "The SMS service is back"
      ])
    })
  )

  test(
    "sends no more to who has used the code of a try that nobody knew the end of",
    Effect.gen(function* () {
      yield* fails(unreachable)
      yield* start
      yield* requestSignUp(adasPhone)
      const [arrived] = yield* triedCodes
      assert.strictEqual(yield* outcome(completeSignUp(adasPhone, arrived ?? "")), "done")
      yield* works
      yield* advance("10 minutes")
      assert.lengthOf(yield* tries, 1)
      assert.strictEqual(yield* waiting, 0)
    })
  )

  test(
    "sends one code where several were asked for meanwhile, and none that nobody waits for any longer",
    Effect.gen(function* () {
      yield* fails(unreachable)
      yield* requestSignUp(adasPhone)
      yield* requestSignUp(adasPhone)
      yield* requestSignUp(bobsPhone)
      yield* TestClock.adjust("9 minutes")
      yield* requestSignUp(adasPhone)
      yield* TestClock.adjust("1 minute")
      yield* works
      yield* start
      assert.lengthOf(yield* received(adasPhone), 1)
      assert.deepStrictEqual(yield* received(bobsPhone), [])
      assert.strictEqual(yield* waiting, 0)
      assert.deepStrictEqual(yield* deadLetters, [])
      assert.strictEqual(yield* outcome(completeSignUp(adasPhone, yield* code(adasPhone))), "done")
    })
  )

  test(
    "stops trying when nobody waits for the code any longer",
    Effect.gen(function* () {
      yield* fails(unreachable)
      yield* start
      yield* requestSignUp(adasPhone)
      yield* advance("10 minutes")
      const before = (yield* tries).length
      assert.isAbove(before, 4)
      yield* advance("1 hour")
      assert.lengthOf(yield* tries, before)
      assert.strictEqual(yield* waiting, 0)
      assert.deepStrictEqual(yield* deadLetters, [])
    })
  )

  test(
    "waits as long as it is asked to",
    Effect.gen(function* () {
      yield* fails(new SmsUnavailable({ reason: "answered 429", retryAfter: Duration.minutes(2) }))
      yield* start
      yield* requestSignUp(adasPhone)
      yield* advance("119 seconds")
      assert.lengthOf(yield* tries, 1)
      yield* works
      yield* advance("2 seconds")
      assert.lengthOf(yield* received(adasPhone), 1)
    })
  )

  test(
    "buries what will never be taken, names neither number nor code, and sends no code when it is dug up",
    Effect.gen(function* () {
      yield* fails(new SmsRejected({ reason: "answered 400 (error 21211)" }))
      yield* start
      yield* requestSignUp(adasPhone)
      yield* requestSignUp(bobsPhone)
      const letters = yield* deadLetters
      assert.deepStrictEqual(
        letters.map(({ attempts, lastError }) => [attempts, lastError]),
        [
          [1, "answered 400 (error 21211)"],
          [1, "answered 400 (error 21211)"]
        ]
      )
      assert.lengthOf(told, 2)
      for (const line of told) {
        assert.match(line, /^Gave up event [0-9a-f-]{36} of sms\/[0-9a-f-]{36}: answered 400 \(error 21211\)$/)
      }
      yield* TestClock.adjust("1 hour")
      yield* works
      assert.strictEqual(yield* Outbox.use((outbox) => outbox.redeliver("all")), 2)
      yield* advance("1 second")
      assert.lengthOf(yield* tries, 2)
      assert.isTrue(Option.isNone(yield* Outbox.use((outbox) => outbox.untilDue("sms"))))
    })
  )

  test(
    "invites whoever has no account yet, with the link and nothing of anybody's choosing",
    Effect.gen(function* () {
      yield* start
      yield* signedUp(bobsPhone)
      const before = yield* received(bobsPhone)
      yield* ask({ _tag: "Invitation", to: adasPhone })
      yield* ask({ _tag: "Invitation", to: bobsPhone })
      const [text, ...more] = yield* received(adasPhone)
      assert.deepStrictEqual(more, [])
      assert.include(text, publicUrl)
      assert.deepStrictEqual(yield* received(bobsPhone), before)
      assert.strictEqual(yield* waiting, 0)
    })
  )

  test(
    "goes on trying to invite for days",
    Effect.gen(function* () {
      yield* fails(unreachable)
      yield* start
      yield* ask({ _tag: "Invitation", to: adasPhone })
      yield* advance("1 day")
      yield* works
      yield* advance("1 hour")
      assert.lengthOf(yield* received(adasPhone), 1)
    })
  )

  test(
    "tells of a changed number when it was, and where to turn",
    Effect.gen(function* () {
      yield* start
      yield* ask({ _tag: "PhoneChanged", to: adasPhone, at: DateTime.makeUnsafe("2026-11-20T16:42:10Z") })
      const [text] = yield* received(adasPhone)
      assert.include(text, "20 November 2026 at 16:42 UTC")
      assert.include(text, publicUrl)
    })
  )

  test(
    "keeps what it can't read or write for another try, and says nothing of what is in it",
    Effect.gen(function* () {
      const world = yield* MemoryWorld
      const eventId = EventId.make("00000000-0000-4000-8000-000000000001")
      yield* world.change((before, occurredAt) => {
        const id = world.nextId("outbox")
        const entry = new OutboxEntry({
          id,
          eventId,
          destination: "sms",
          type: "rookery.sms.from_the_future",
          subject: `sms/${eventId}`,
          data: { _tag: "FromTheFuture", to: adasPhone },
          occurredAt,
          attempts: 0
        })
        return Result.succeed([undefined, { ...before, outbox: HashMap.set(before.outbox, id, pendingRow(entry)) }])
      })
      yield* answers(({ to }) => Effect.die(new TypeError(`can't write to ${to}`)))
      yield* start
      yield* requestSignUp(bobsPhone)
      yield* advance("1 second")
      const rows = yield* world.read(({ outbox }) => HashMap.toValues(outbox))
      assert.sameMembers(
        rows.map(({ lastError }) => lastError),
        ["is of no kind that is known", "could not be written: TypeError"]
      )
      assert.deepStrictEqual(told, [])
      yield* works
      yield* advance("20 seconds")
      assert.lengthOf(yield* received(bobsPhone), 1)
      assert.strictEqual(yield* waiting, 1)
    })
  )
})
