import { assert, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { MailFrom } from "../../../src/adapters/smtp/MailFrom.ts"
import { MailerSmtp } from "../../../src/adapters/smtp/MailerSmtp.ts"
import { EmailVerification } from "../../../src/application/accounts/EmailVerification.ts"
import { MailDelivery } from "../../../src/application/accounts/MailDelivery.ts"
import { Registration } from "../../../src/application/accounts/Registration.ts"
import { Outbox } from "../../../src/domain/events/Outbox.ts"
import { MemoryPorts } from "../../../src/RookeryMemory.ts"
import { account, ada, adasEmail, bob, bobsEmail, register, verify } from "../../application/accounts/AccountWorld.ts"
import { eventually } from "../../e2e/Eventually.ts"
import { answer, smtpTestServer } from "./SmtpTestServer.ts"

const publicUrl = "https://rookery.example.com"
const link = /https:\/\/rookery\.example\.com\/api\/v1\/auth\/verify\/([\w.%-]+)/g

const Relay = (port: number) =>
  MailDelivery({ publicUrl }).pipe(
    Layer.provide(
      MailerSmtp({
        url: Redacted.make(`smtp://127.0.0.1:${port}`),
        from: MailFrom.make("Rookery <rookery@example.com>")
      })
    )
  )
const UseCases = Layer.merge(Registration.layer, EmailVerification.layer({ emailVerification: "required" })).pipe(
  Layer.provideMerge(MemoryPorts)
)

it.live("a mail goes from a registration through the outbox and an SMTP server to its reader", () =>
  Effect.gen(function* () {
    const server = yield* smtpTestServer({
      onMessage: (raw) => (raw.includes(`To: ${bobsEmail}`) ? answer(550, `5.1.1 <${bobsEmail}> unknown`) : undefined)
    })
    yield* Layer.build(Relay(server.port))
    const { id } = yield* register({ username: ada, email: adasEmail })
    yield* register({ username: bob, email: bobsEmail })

    const { email, from, to } = yield* Effect.promise(() =>
      eventually(() => server.received[0] ?? assert.fail("no mail"), 10_000)
    )
    assert.deepStrictEqual([from, to], ["rookery@example.com", ["Ada@example.com"]])
    assert.strictEqual(email.subject, "Confirm your e-mail address")
    assert.deepStrictEqual(email.from, { name: "Rookery", address: "rookery@example.com" })
    assert.match(email.messageId ?? "", /^<[0-9a-f-]{36}@rookery\.example\.com>$/)
    const tokens = [email.text, email.html].flatMap((part) =>
      [...(part ?? "").matchAll(link)].map(([, token]) => token)
    )
    assert.lengthOf(tokens, 4)
    assert.strictEqual(new Set(tokens).size, 1)
    yield* verify(decodeURIComponent(tokens[0] ?? ""))
    assert.isNotNull((yield* account({ id })).emailVerifiedAt)

    // What the server says of people is not kept.
    const outbox = yield* Outbox
    const letters = yield* Effect.promise(() =>
      eventually(async () => {
        const dead = await Effect.runPromise(outbox.listDead(10))
        assert.lengthOf(dead, 1)
        return dead
      }, 60_000)
    )
    assert.strictEqual(letters[0]?.lastError, "answered 550 5.1.1 to DATA")
    assert.lengthOf(server.received, 1)
  }).pipe(Effect.provide(UseCases))
)
