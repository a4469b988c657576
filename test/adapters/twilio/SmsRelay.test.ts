import { assert, it } from "@effect/vitest"
import { Duration, Effect, Layer, Redacted } from "effect"
import { SmsSenderTwilio } from "../../../src/adapters/twilio/SmsSenderTwilio.ts"
import { PhoneSignIn } from "../../../src/application/accounts/PhoneSignIn.ts"
import { Sessions } from "../../../src/application/accounts/Sessions.ts"
import { SmsDelivery } from "../../../src/application/accounts/SmsDelivery.ts"
import { Outbox } from "../../../src/domain/events/Outbox.ts"
import { MemoryPorts } from "../../../src/RookeryMemory.ts"
import { lifetimes } from "../../application/accounts/AccountWorld.ts"
import { accountOf, adasPhone, bobsPhone, completeSignUp } from "../../application/accounts/PhoneWorld.ts"
import { eventually } from "../../e2e/Eventually.ts"
import { accountSid, authToken, from, refusing, twilioServer } from "./TwilioServer.ts"

const passcodeTtl = Duration.minutes(10)

const UseCases = PhoneSignIn.layer({ passcodeTtl, testPasscodes: new Map() }).pipe(
  Layer.provideMerge(Sessions.layer(lifetimes)),
  Layer.provideMerge(MemoryPorts)
)
const Relay = (baseUrl: string) =>
  SmsDelivery({ publicUrl: "https://rookery.example.com", passcodeTtl }).pipe(
    Layer.provide(SmsSenderTwilio({ accountSid, authToken: Redacted.make(authToken), from, baseUrl }))
  )

it.live("a code goes from a request through the outbox and Twilio to a phone, and opens an account", () =>
  Effect.gen(function* () {
    const twilio = yield* twilioServer()
    yield* Layer.build(Relay(twilio.url))
    const { requestSignUp } = yield* PhoneSignIn
    yield* requestSignUp(adasPhone)
    const { text, ...rest } = yield* Effect.promise(() =>
      eventually(() => twilio.messages[0] ?? assert.fail("no SMS"), 10_000)
    )
    assert.deepStrictEqual(rest, { to: `+${adasPhone}`, from })
    const signedIn = yield* completeSignUp(adasPhone, text.slice(0, 6))
    assert.strictEqual((yield* accountOf(signedIn)).phoneNumber, adasPhone)

    // What Twilio says of people is not kept.
    twilio.answer(refusing(400, 21211))
    yield* requestSignUp(bobsPhone)
    const outbox = yield* Outbox
    const [letter] = yield* Effect.promise(() =>
      eventually(async () => {
        const dead = await Effect.runPromise(outbox.listDead(10))
        assert.lengthOf(dead, 1)
        return dead
      }, 60_000)
    )
    assert.strictEqual(letter?.lastError, "answered 400 (error 21211)")
    assert.lengthOf(twilio.messages, 2)
  }).pipe(Effect.provide(UseCases))
)
