import { Redacted, Schema } from "effect"
import { Buffer } from "node:buffer"
import { createHmac } from "node:crypto"

/** The bytes that a secret stands for. A `whsec_` that is not followed by Base64 stands for none. */
const keyOf = (secret: string): Buffer => {
  if (!secret.startsWith("whsec_")) return Buffer.from(secret, "utf8")
  const encoded = secret.slice("whsec_".length)
  return /^[A-Za-z0-9+/]+={0,2}$/.test(encoded) ? Buffer.from(encoded, "base64") : Buffer.alloc(0)
}

/**
 * A signing secret as Standard Webhooks writes it, `whsec_` and then Base64, or any other text, whose UTF-8 bytes are the
 * key (a receiver that uses the `standardwebhooks` packages reads that with `{ format: "raw" }`). 24 bytes or more.
 */
export const WebhookSecret = Schema.String.check(
  Schema.makeFilter((secret) => (keyOf(secret).length >= 24 ? undefined : "must stand for 24 bytes or more"))
)

export class WebhookSecretTooShort extends Schema.TaggedError<WebhookSecretTooShort>()("WebhookSecretTooShort", {}) {
  override get message() {
    return "The secret for the upstream service must stand for 24 bytes or more: whsec_ and then Base64, or any other text"
  }
}

export interface Signed {
  readonly id: string
  /** Seconds since the epoch, at this try. */
  readonly timestamp: number
  readonly body: string
}

/**
 * The headers of Standard Webhooks, version `v1`: an HMAC-SHA256 over id, timestamp and body.
 * See https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export const webhookHeaders = (secret: Redacted.Redacted<string>) => {
  const key = keyOf(Redacted.value(secret))
  return ({ body, id, timestamp }: Signed) => ({
    "webhook-id": id,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`
  })
}
