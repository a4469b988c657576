import { Schema } from "effect"
import { assert } from "vitest"
import type { ApiClient, Asked } from "../support/ApiClient.ts"
import { eventually } from "./Eventually.ts"

const Mails = Schema.Array(Schema.Struct({ to: Schema.String, subject: Schema.String, text: Schema.String }))
const Tokens = Schema.Struct({ access_token: Schema.String, refresh_token: Schema.String, expires_in: Schema.Int })
const Registered = Schema.Struct({ id: Schema.Int })

export interface Person {
  readonly id: number
  readonly email: string
  readonly password: string
}

export interface SignedInPerson extends Person {
  readonly token: string
  readonly refreshToken: string
}

/** An address that nobody has. */
export const freshEmail = (api: ApiClient) => `${api.username()}@example.com`

/** The mails that an address has got, the newest first. */
export const mailsTo = async (api: ApiClient, email: string) => {
  const { body } = await api.get(`/dev/outbox?to=${encodeURIComponent(email)}`)
  return Schema.decodeUnknownSync(Mails)(body)
}

const links = {
  verification: /\/api\/v1\/auth\/verify\/([\w.-]+)/,
  reset: /\/api\/v1\/auth\/password\/reset\?token=([\w.-]+)/
}

type Link = keyof typeof links

/** The tokens of the links in its mails, the newest first. */
const linksIn = async (api: ApiClient, email: string, kind: Link) =>
  (await mailsTo(api, email)).flatMap(({ text }) => links[kind].exec(text)?.[1] ?? [])

/** The token of the link in the newest mail of that kind, once there are as many. */
export const linkIn = (api: ApiClient, email: string, kind: Link, count = 1): Promise<string> =>
  eventually(async () => {
    const found = await linksIn(api, email, kind)
    assert.isAtLeast(found.length, count)
    const [token = ""] = found
    api.secrets.add(token)
    return token
  })

export const signIn = async (api: ApiClient, username: string, password: string, asked: Asked = {}) => {
  const { body } = await api.request("POST", "/api/v1/auth/login", { ...asked, form: { username, password } })
  const { access_token, expires_in, refresh_token } = Schema.decodeUnknownSync(Tokens)(body)
  return { token: access_token, refreshToken: refresh_token, expiresIn: expires_in }
}

/** An account that has nothing but an address, which nobody has verified. */
export const register = async (api: ApiClient, email = freshEmail(api)): Promise<Person> => {
  const password = api.password()
  const { body } = await api.post("/api/v1/auth/register", { email, password })
  const { id } = Schema.decodeUnknownSync(Registered)(body)
  return { id, email, password }
}

/** {@link register}, verified. */
export const registerVerified = async (api: ApiClient, email = freshEmail(api)): Promise<Person> => {
  const earlier = await linksIn(api, email, "verification")
  const person = await register(api, email)
  const token = await linkIn(api, email, "verification", earlier.length + 1)
  assert.strictEqual((await api.get(`/api/v1/auth/verify/${token}`)).status, 200)
  return person
}

/** {@link registerVerified}, signed in. */
export const signUp = async (api: ApiClient, email?: string): Promise<SignedInPerson> => {
  const person = await registerVerified(api, email)
  return { ...person, ...(await signIn(api, person.email, person.password)) }
}
