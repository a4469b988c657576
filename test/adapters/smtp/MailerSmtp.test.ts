import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Layer, Redacted } from "effect"
import type { SMTPServerOptions } from "smtp-server"
import { MailFrom } from "../../../src/adapters/smtp/MailFrom.ts"
import { MailerSmtp, type MailerSmtpOptions } from "../../../src/adapters/smtp/MailerSmtp.ts"
import { Mailer } from "../../../src/domain/shared/Mailer.ts"
import { mailTo } from "../../contracts/mailerContract.ts"
import { answer, bareServer, smtpTestServer } from "./SmtpTestServer.ts"

type Options = Partial<Omit<MailerSmtpOptions, "url">> & { readonly url?: string }

const adapter = (port: number, options: Options = {}) =>
  MailerSmtp({
    from: MailFrom.make("Rookery <rookery@example.com>"),
    connectTimeout: Duration.seconds(5),
    sendTimeout: Duration.seconds(5),
    ...options,
    url: Redacted.make(options.url ?? `smtp://127.0.0.1:${port}`)
  })

const mail = mailTo("ada@example.com")

const sending = (port: number, options?: Options) =>
  Mailer.use((mailer) => mailer.send(mail)).pipe(Effect.provide(Layer.orDie(adapter(port, options))))

const failing = (port: number, options?: Options) => Effect.flip(sending(port, options))

const onlyWith = (user: string, pass: string): Pick<SMTPServerOptions, "authOptional" | "onAuth"> => ({
  authOptional: false,
  onAuth: ({ password, username }, _session, done) =>
    username === user && password === pass ? done(null, { user }) : done(answer(535, `no ${username} ${password}`))
})

describe("MailerSmtp", () => {
  it.live("sends what mail programs expect of an automatic mail", () =>
    Effect.gen(function* () {
      const { port, received } = yield* smtpTestServer()
      yield* sending(port, { from: MailFrom.make("Röökery 🐦 <rookery@example.com>") })
      const [one] = received
      assert.strictEqual(one?.from, "rookery@example.com")
      assert.deepStrictEqual(one?.to, ["ada@example.com"])
      assert.deepStrictEqual(one?.email.from, { name: "Röökery 🐦", address: "rookery@example.com" })
      assert.deepStrictEqual(one?.email.to, [{ name: "", address: "ada@example.com" }])
      assert.strictEqual(one?.email.messageId, mail.messageId)
      assert.closeTo(Date.parse(one?.email.date ?? ""), Date.now(), 60_000)
      const values = new Map(one?.email.headers.map(({ key, value }) => [key, value]))
      assert.strictEqual(values.get("auto-submitted"), "auto-generated")
      assert.match(values.get("content-type") ?? "", /^multipart\/alternative/)
      assert.isFalse(values.has("x-mailer"))
      assert.match(one?.raw ?? "", /^\p{ASCII}*$/u)
      for (const line of one?.raw.split("\r\n") ?? []) assert.isAtMost(line.length, 998)
    })
  )

  for (const hidePIPELINING of [false, true]) {
    const how = hidePIPELINING ? "one command at a time" : "with pipelining"
    const steps = (responseCode: number) => {
      const refusal = answer(responseCode)
      return {
        "MAIL FROM": smtpTestServer({ hidePIPELINING, onMailFrom: (_address, _session, done) => done(refusal) }),
        "RCPT TO": smtpTestServer({ hidePIPELINING, onRcptTo: (_address, _session, done) => done(refusal) }),
        DATA: smtpTestServer({ hidePIPELINING, onMessage: () => refusal })
      }
    }

    for (const responseCode of [550, 552, 553, 554, 521]) {
      it.live(`is rejected for good when any step is answered ${responseCode}, ${how}`, () =>
        Effect.forEach(Object.entries(steps(responseCode)), ([step, starting]) =>
          Effect.gen(function* () {
            const { port } = yield* starting
            const error = yield* failing(port)
            assert.strictEqual(error._tag, "MailRejected")
            assert.strictEqual(error.responseCode, responseCode)
            assert.match(error.reason, new RegExp(`^answered ${responseCode}( 5\\.\\d\\.\\d)? to ${step}$`))
          })
        )
      )
    }

    for (const responseCode of [421, 450, 451, 452, 503, 530]) {
      it.live(`is worth another try when any step is answered ${responseCode}, ${how}`, () =>
        Effect.forEach(Object.entries(steps(responseCode)), ([step, starting]) =>
          Effect.gen(function* () {
            const { port } = yield* starting
            const error = yield* failing(port)
            assert.strictEqual(error._tag, "MailUnavailable", step)
            assert.strictEqual(error.responseCode, responseCode)
          })
        )
      )
    }
  }

  it.live("keeps its connections when a mail is rejected", () =>
    Effect.gen(function* () {
      const server = yield* smtpTestServer({
        onRcptTo: ({ address }, _session, done) => done(address.startsWith("nobody") ? answer(550) : null)
      })
      yield* Effect.gen(function* () {
        const mailer = yield* Mailer
        for (let n = 0; n < 5; n++) {
          assert.strictEqual((yield* Effect.flip(mailer.send(mailTo("nobody@example.com"))))._tag, "MailRejected")
          yield* mailer.send(mail)
        }
      }).pipe(Effect.provide(adapter(server.port)))
      assert.lengthOf(server.received, 5)
      // The one that it was rejected on is made ready again meanwhile.
      assert.isAtMost(server.connections(), 2)
    })
  )

  it.live("is unavailable when nobody listens, and when there is no such host", () =>
    Effect.gen(function* () {
      const { port } = yield* Effect.scoped(bareServer())
      const away = yield* failing(port)
      assert.deepInclude(away, { _tag: "MailUnavailable", reason: "could not be reached: ECONNREFUSED" })
      const unknown = yield* failing(1, { url: "smtp://mail.invalid:25" })
      assert.strictEqual(unknown._tag, "MailUnavailable")
    })
  )

  it.live("is unavailable when the server has no service for us (RFC 5321, 3.1)", () =>
    Effect.gen(function* () {
      const { port } = yield* bareServer((socket) => void socket.end("554 5.7.1 you are on a list\r\n"))
      const error = yield* failing(port)
      assert.deepInclude(error, {
        _tag: "MailUnavailable",
        responseCode: 554,
        reason: "answered 554 5.7.1 to the connection"
      })
    })
  )

  it.live("is unavailable when the connection breaks, wherever that is", () =>
    Effect.gen(function* () {
      const atOnce = yield* bareServer((socket) => void socket.destroy())
      const greeted = yield* bareServer((socket) => {
        socket.write("220 hello\r\n")
        socket.on("data", () => socket.destroy())
      })
      const { port, server } = yield* smtpTestServer({
        onMessage: () => {
          server.connections.forEach((connection) => connection.close())
          return undefined
        }
      })
      for (const broken of [atOnce.port, greeted.port, port]) {
        assert.strictEqual((yield* failing(broken))._tag, "MailUnavailable")
      }
    })
  )

  it.live("gives up on a server that says nothing, and on one that never comes to an end", () =>
    Effect.gen(function* () {
      const mute = yield* bareServer()
      assert.deepInclude(yield* failing(mute.port, { connectTimeout: Duration.millis(100) }), {
        _tag: "MailUnavailable",
        reason: "could not be reached: ETIMEDOUT"
      })
      const dripping = yield* bareServer((socket) => {
        socket.write("220 hello\r\n")
        const drip = setInterval(() => socket.write("250-more\r\n"), 20)
        socket.on("close", () => clearInterval(drip))
      })
      const thinking = yield* smtpTestServer({ onMessage: () => new Promise(() => {}) })
      for (const { port } of [dripping, thinking]) {
        assert.deepInclude(yield* failing(port, { sendTimeout: Duration.millis(400) }), {
          _tag: "MailUnavailable",
          reason: "did not take it within 400ms"
        })
      }
    })
  )

  it.live("hangs up when a mail is given up, and sends the next one", () =>
    Effect.gen(function* () {
      let hang = true
      const { port, received, server } = yield* smtpTestServer({
        onMessage: () => (hang ? new Promise(() => {}) : undefined)
      })
      yield* Effect.gen(function* () {
        const mailer = yield* Mailer
        const hanging = yield* Effect.forEach(Array.from({ length: 4 }), () => mailer.send(mail), {
          concurrency: "unbounded"
        }).pipe(Effect.forkScoped)
        yield* Effect.sleep("100 millis")
        yield* Fiber.interrupt(hanging)
        hang = false
        yield* mailer.send(mail)
        assert.lengthOf(received, 1)
        // nodemailer closes its side a second after at the latest.
        yield* Effect.sleep("1200 millis")
        assert.isAtMost(server.connections.size, 1)
      }).pipe(Effect.provide(adapter(port)))
    })
  )

  it.live("finds the server when it is there again, and when it has closed the connections of the pool", () =>
    Effect.gen(function* () {
      const { port, received, server } = yield* smtpTestServer()
      yield* Effect.gen(function* () {
        const mailer = yield* Mailer
        for (let n = 1; n <= 3; n++) {
          yield* mailer.send(mail)
          assert.lengthOf(received, n)
          server.connections.forEach((connection) => connection.close())
        }
      }).pipe(Effect.provide(adapter(port)))
    })
  )

  it.live("opens no more than four connections, however many mails wait", () =>
    Effect.gen(function* () {
      const server = yield* smtpTestServer({
        onMessage: () => new Promise((resolve) => setTimeout(() => resolve(undefined), 20))
      })
      yield* Effect.gen(function* () {
        const mailer = yield* Mailer
        // Each waits longer than a try may take.
        yield* Effect.forEach(Array.from({ length: 80 }), () => mailer.send(mail), { concurrency: "unbounded" })
      }).pipe(Effect.provide(adapter(server.port, { sendTimeout: Duration.millis(250) })))
      assert.lengthOf(server.received, 80)
      assert.isAtMost(server.connections(), 4)
    })
  )

  it.live("leaves no connection open when its scope closes", () =>
    Effect.gen(function* () {
      const { port, server } = yield* smtpTestServer()
      yield* sending(port)
      while (server.connections.size > 0) yield* Effect.sleep("10 millis")
    })
  )

  it.live("signs in, and keeps trying with a password that is refused, which it shows nowhere", () =>
    Effect.gen(function* () {
      const { port, received } = yield* smtpTestServer({ ...onlyWith("bird", "p@ss word"), allowInsecureAuth: true })
      yield* sending(port, { url: `smtp://bird:p%40ss%20word@127.0.0.1:${port}` })
      assert.lengthOf(received, 1)
      const wrong = yield* failing(port, { url: `smtp://bird:hunter2@127.0.0.1:${port}` })
      assert.strictEqual(wrong._tag, "MailUnavailable")
      assert.strictEqual(wrong.responseCode, 535)
      const without = yield* failing(port)
      assert.deepInclude(without, { _tag: "MailUnavailable", responseCode: 530 })
      const away = yield* failing(1, { url: "smtp://bird:hunter2@127.0.0.1:1" })
      for (const error of [wrong, away]) assert.notMatch(`${error}${JSON.stringify(error)}`, /bird|hunter2/)
    })
  )

  it.live("shows nothing of the mail in an error, though the server quotes it", () =>
    Effect.gen(function* () {
      const quote = answer(554, "5.7.1 no https://rookery.example.com/verify/abc for ada@example.com")
      const { port } = yield* smtpTestServer({ onMessage: () => quote })
      const error = yield* failing(port)
      assert.strictEqual(error.reason, "answered 554 5.7.1 to DATA")
      assert.notMatch(`${error}${JSON.stringify(error)}`, /verify|ada@/)
    })
  )

  it.live("encrypts where the server offers it, but to no certificate that nobody vouches for", () =>
    Effect.gen(function* () {
      const server = yield* smtpTestServer({ disabledCommands: [] })
      const refused = yield* failing(server.port)
      assert.strictEqual(refused._tag, "MailUnavailable")
      assert.match(refused.reason, /^could not be reached: .*CERT/)
      assert.lengthOf(server.received, 0)
      yield* sending(server.port, { url: `smtp://127.0.0.1:${server.port}?tls.rejectUnauthorized=false` })
      assert.isTrue(server.received[0]?.secure)
    })
  )

  it.live("encrypts from the first byte on for smtps", () =>
    Effect.gen(function* () {
      const { port, received } = yield* smtpTestServer({ secure: true })
      const refused = yield* failing(port, { url: `smtps://127.0.0.1:${port}` })
      assert.match(refused.reason, /^could not be reached: .*CERT/)
      yield* sending(port, { url: `smtps://127.0.0.1:${port}?tls.rejectUnauthorized=false` })
      assert.isTrue(received[0]?.secure)
      const plain = yield* smtpTestServer()
      assert.strictEqual(
        (yield* failing(plain.port, { url: `smtps://127.0.0.1:${plain.port}` }))._tag,
        "MailUnavailable"
      )
    })
  )

  it.live("sends nothing in the clear where TLS is asked for and not offered", () =>
    Effect.gen(function* () {
      const { port, received } = yield* smtpTestServer({ ...onlyWith("bird", "hunter2"), allowInsecureAuth: true })
      const error = yield* failing(port, { url: `smtp://bird:hunter2@127.0.0.1:${port}?requireTLS=true` })
      assert.strictEqual(error._tag, "MailUnavailable")
      assert.match(error.reason, /^answered 5\d\d.* to STARTTLS$/)
      assert.lengthOf(received, 0)
    })
  )

  it.live("does not start with a URL that can't be used, and does not show it", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Layer.build(adapter(1, { url: "smtp://bird:hunter2@" })))
      assert.strictEqual(error._tag, "SmtpUrlInvalid")
      assert.notMatch(`${error}${JSON.stringify(error)}`, /bird|hunter2/)
    })
  )
})
