import { Schema } from "effect"
import { randomBytes } from "node:crypto"

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** What the text says as JSON; undefined where it is none. */
  readonly body: unknown
}

export interface Asked {
  /** Sent as `Bearer`. */
  readonly token?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent as a form. */
  readonly form?: Readonly<Record<string, string>>
  /** Sent as it is, of the type that `headers` names. */
  readonly body?: string | Uint8Array<ArrayBuffer>
}

export interface User {
  readonly id: number
  readonly username: string
  readonly password: string
  readonly token: string
  readonly refreshToken: string
}

const Identified = Schema.Struct({ id: Schema.Int })
const Registered = Schema.Struct({ user_id: Schema.Int })
const Pair = Schema.Struct({ access_token: Schema.String, refresh_token: Schema.String })
const tokens = ["access_token", "refresh_token", "token"]

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Fails with the whole answer where it is not what the test builds on. */
const expecting = <A>(schema: Schema.Codec<A, unknown>, status: number, answer: Answer): A => {
  if (answer.status !== status) throw new Error(`expected ${status}, got ${answer.status}: ${answer.text}`)
  return Schema.decodeUnknownSync(schema)(answer.body)
}

const word = (bytes: number) => randomBytes(bytes).toString("hex")

/** Talks to a server as its clients do, and remembers every secret that passed between them. */
export class ApiClient {
  readonly #url: () => string
  readonly secrets = new Set<string>()

  /** `url` is asked at each request: the server may be another by then. */
  constructor(url: string | (() => string)) {
    this.#url = typeof url === "string" ? () => url : url
  }

  get url(): string {
    return this.#url()
  }

  async request(method: string, path: string, { token, headers, json, form, body }: Asked = {}): Promise<Answer> {
    if (token !== undefined) this.secrets.add(token)
    const response = await fetch(`${this.url}${path}`, {
      method,
      redirect: "manual",
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(json === undefined ? {} : { "content-type": "application/json" }),
        ...headers
      },
      body: json !== undefined ? JSON.stringify(json) : form !== undefined ? new URLSearchParams(form) : (body ?? null)
    })
    const text = await response.text()
    const answer = { status: response.status, headers: response.headers, text, body: parsed(text) }
    this.#remember(answer.body)
    return answer
  }

  readonly get = (path: string, asked?: Asked) => this.request("GET", path, asked)
  readonly post = (path: string, json?: unknown, asked?: Asked) => this.request("POST", path, { ...asked, json })
  readonly put = (path: string, json?: unknown, asked?: Asked) => this.request("PUT", path, { ...asked, json })
  readonly delete = (path: string, asked?: Asked) => this.request("DELETE", path, asked)

  /** A username that nobody has. */
  readonly username = () => `u-${word(8)}`
  /** A password that is found again wherever it should not be. */
  readonly password = () => {
    const password = `pw ${word(12)}`
    this.secrets.add(password)
    return password
  }

  readonly login = async (username: string, password: string) =>
    expecting(Pair, 200, await this.post("/auth/login", { username, password }))

  /** A new account, signed in. */
  readonly signUp = async (username = this.username()): Promise<User> => {
    const password = this.password()
    const registered = expecting(Registered, 201, await this.post("/auth/register", { username, password }))
    const { access_token, refresh_token } = await this.login(username, password)
    return { id: registered.user_id, username, password, token: access_token, refreshToken: refresh_token }
  }

  /** The id of a new contact. */
  readonly contact = async ({ token }: Pick<User, "token">, fields: object = { name: "Ada Lovelace" }) =>
    expecting(Identified, 201, await this.post("/contacts", fields, { token })).id

  /** The id of a new note. */
  readonly note = async ({ token }: Pick<User, "token">, contact: number, body = "A note") =>
    expecting(Identified, 201, await this.post(`/contacts/${contact}/notes`, { body }, { token })).id

  #remember(body: unknown) {
    if (typeof body !== "object" || body === null) return
    for (const [name, value] of Object.entries(body)) {
      if (tokens.includes(name) && typeof value === "string" && value !== "") this.secrets.add(value)
    }
  }
}
