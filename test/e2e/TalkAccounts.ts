import { Schema } from "effect"
import { assert } from "vitest"
import { somePhone } from "../contracts/Fixtures.ts"
import type { ApiClient, Answer, Asked } from "../support/ApiClient.ts"
import type { LiveRookery } from "./Suites.ts"
import type { Talker } from "./Talkers.ts"

const Listed = Schema.Array(
  Schema.Struct({
    channel: Schema.String,
    to: Schema.String,
    subject: Schema.NullOr(Schema.String),
    text: Schema.String
  })
)

/** What would have been sent to a number, the newest first. */
export const textsTo = async (api: ApiClient, phone: string) => {
  const { body } = await api.get(`/dev/outbox?to=${encodeURIComponent(phone)}`)
  return Schema.decodeUnknownSync(Listed)(body).filter(({ channel }) => channel === "sms")
}

/** The passcode that was sent to a number just now. */
export const codeFor = async (api: ApiClient, phone: string): Promise<string> => {
  const [newest] = await textsTo(api, phone)
  const [code] = /^\d{6}\b/.exec(newest?.text ?? "") ?? assert.fail(`no code for ${phone}`)
  return code
}

/** Some other six digits. */
export const otherThan = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, "0")

/** Asks for a passcode. */
export const ask = async (api: ApiClient, way: "signup" | "signin", phone: string, asked: Asked = {}) => {
  const { status, text } = await api.post(`/api/auth/${way}`, { phone_number: phone }, asked)
  assert.strictEqual(status, 200, text)
  return codeFor(api, phone)
}

export const complete = (
  api: ApiClient,
  way: "signup" | "signin",
  phone: string,
  passcode: string,
  asked: Asked = {}
): Promise<Answer> => api.post(`/api/auth/complete-${way}`, { phone_number: phone, passcode }, asked)

const Token = Schema.Struct({ success: Schema.Literal(true), token: Schema.String })

export const tokenIn = ({ body, status, text }: Answer): string => {
  assert.strictEqual(status, 200, text)
  return Schema.decodeUnknownSync(Token)(body).token
}

/** A new account with a number, signed in by the code that was sent to it. */
export const signUpByPhone = async (api: ApiClient, phone: string = somePhone()): Promise<Talker> => ({
  phone,
  token: tokenIn(await complete(api, "signup", phone, await ask(api, "signup", phone)))
})

/** As if the time of every code were over. */
export const expireCodes = ({ query }: LiveRookery) =>
  query("UPDATE passcodes SET expires_at = now() - interval '1 second' WHERE expires_at IS NOT NULL")

/** An error of talk. */
export const failure = (message: string) => ({ success: false, message })

export const invalidPhone = failure("phone_number must be 7 to 15 digits with an optional leading +")
export const invalidToken = failure("Invalid or missing token")
export const noNumber = failure("This account has no phone number: sign up with one, and show this token there")
