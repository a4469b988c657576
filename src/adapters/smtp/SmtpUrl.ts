import { Option, Schema } from "effect"

/** What an SMTP URL says of the server. */
export interface SmtpServer {
  readonly host: string
  /** None is 587, or 465 for `smtps`. */
  readonly port: number | undefined
  /** TLS from the first byte on. */
  readonly secure: boolean
  /** Nothing is sent where the server offers no STARTTLS. */
  readonly requireTLS: boolean
  readonly auth: { readonly user: string; readonly pass: string } | undefined
  readonly tls: { readonly rejectUnauthorized: boolean; readonly servername?: string }
  /** What we call ourselves in EHLO. None is this machine's name. */
  readonly name: string | undefined
}

const isLoopback = (host: string) => host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host)

const Flag = Schema.Literals(["true", "false"])
const HostName = Schema.String.check(Schema.isPattern(/^[a-zA-Z0-9](?:[a-zA-Z0-9.-]{0,252})$/))

/** Options that a typing error must not lose: any other is refused. */
const Options = Schema.Struct({
  name: Schema.optionalKey(HostName),
  requireTLS: Schema.optionalKey(Flag),
  "tls.rejectUnauthorized": Schema.optionalKey(Flag),
  "tls.servername": Schema.optionalKey(HostName)
})
const readOptions = Schema.decodeUnknownOption(Options, { onExcessProperty: "error" })

/** A lone `%` is none that anybody meant: it should have been written `%25`. */
const unescaped = (text: string) => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** None where it is no {@link SmtpUrl}. */
export const smtpServer = (text: string): Option.Option<SmtpServer> => {
  if (!URL.canParse(text)) return Option.none()
  const url = new URL(text)
  const host = url.hostname.replace(/^\[|\]$/g, "")
  const user = unescaped(url.username)
  const pass = unescaped(url.password)
  const isServer = ["smtp:", "smtps:"].includes(url.protocol) && host !== "" && ["", "/"].includes(url.pathname)
  // A password without a user would be left out in silence, and half of the two is a mistake anyhow.
  if (!isServer || user === undefined || pass === undefined || (user === "") !== (pass === "")) return Option.none()
  return Option.map(readOptions(Object.fromEntries(url.searchParams)), (options) => ({
    host,
    port: url.port === "" ? undefined : Number(url.port),
    secure: url.protocol === "smtps:",
    requireTLS: options.requireTLS === undefined ? user !== "" && !isLoopback(host) : options.requireTLS === "true",
    auth: user === "" ? undefined : { user, pass },
    tls: {
      rejectUnauthorized: options["tls.rejectUnauthorized"] !== "false",
      ...(options["tls.servername"] === undefined ? undefined : { servername: options["tls.servername"] })
    },
    name: options.name
  }))
}

/**
 * `smtp[s]://[user:password@]host[:port][?option=value&...]`. `smtps` is TLS from the first byte on; `smtp` uses STARTTLS
 * where the server offers it, and insists on it where there is a password to protect and the server is on another
 * machine. Options: `requireTLS` (`true` or `false`) to insist or not, `tls.rejectUnauthorized=false` for a certificate
 * that nobody vouches for, `tls.servername` for one that bears another name, `name` for EHLO.
 */
export const SmtpUrl = Schema.String.check(
  Schema.makeFilter((text) =>
    Option.isNone(smtpServer(text)) ? "must be a URL such as smtp://user:password@host:587" : undefined
  )
)
