import { assert, layer } from "@effect/vitest"
import { Context, Effect, type Layer } from "effect"
import { PhoneDigits } from "../../src/domain/shared/PhoneNumber.ts"
import { Sms, SmsSender, SmsText } from "../../src/domain/shared/SmsSender.ts"
import { textsOf } from "./Texts.ts"

/** What the recipients see. */
export class Phones extends Context.Service<
  Phones,
  {
    /** Everything that came since the last call, in the order in which it came. Numbers have no +. */
    readonly received: Effect.Effect<ReadonlyArray<{ readonly to: string; readonly text: string }>>
  }
>()("rookery/test/Phones") {}

export const adasPhone = PhoneDigits.make("4915112345678")

export const smsTo = (to: PhoneDigits, text = "123456 is your code") => new Sms({ to, text: SmsText.make(text) })

/** Every SmsSender must pass this, wherever SMS go. */
export const smsSenderContract = <E>(name: string, adapter: Layer.Layer<SmsSender | Phones, E>) =>
  layer(adapter, { excludeTestServices: true })(`SmsSender: ${name}`, (it) => {
    const arrives = Effect.fnUntraced(function* (sms: Sms) {
      const sender = yield* SmsSender
      const phones = yield* Phones
      yield* sender.send(sms)
      assert.deepStrictEqual(yield* phones.received, [{ to: sms.to, text: sms.text }])
    })

    it.effect("brings an SMS as it was written", () => arrives(smsTo(adasPhone)))

    it.effect("writes to the shortest and the longest number", () =>
      Effect.forEach(["1234567", "123456789012345", "0000000"], (to) => arrives(smsTo(PhoneDigits.make(to))))
    )

    it.effect("brings what would end or split a form as a text", () =>
      arrives(smsTo(adasPhone, "a=b&To=%2B49&From=x;y+z %20 %\r\n\r\n--x\n?#é"))
    )

    it.effect("brings any script, and as much as an SMS may hold", () =>
      Effect.forEach(["Grüße, 你好 שלום 👩‍👩‍👧 \u{10ffff}", "漢".repeat(480), " x "], (text) =>
        arrives(smsTo(adasPhone, text))
      )
    )

    it.effect.prop("brings any text", { text: textsOf(SmsText) }, ({ text }) => arrives(smsTo(adasPhone, text)), {
      arbitrary: { runs: 40 }
    })

    it.effect("takes many at once and loses none", () =>
      Effect.gen(function* () {
        const sender = yield* SmsSender
        const phones = yield* Phones
        const all = Array.from({ length: 60 }, (_, n) => smsTo(PhoneDigits.make(String(1_000_000 + n)), `text ${n}`))
        yield* Effect.forEach(all, sender.send, { concurrency: 20, discard: true })
        const texts = (yield* phones.received).map(({ text, to }) => `${to} ${text}`)
        assert.sameMembers(
          texts,
          all.map(({ text, to }) => `${to} ${text}`)
        )
      })
    )
  })
