import { Context, type Effect, Schema } from "effect"

/** A mail or an SMS that nobody was sent, since nothing is configured that would send it. */
export class UnsentMessage extends Schema.Class<UnsentMessage>("UnsentMessage")({
  channel: Schema.Literals(["mail", "sms"]),
  /** An e-mail address or a phone number. */
  to: Schema.String,
  /** An SMS has none. */
  subject: Schema.NullOr(Schema.String),
  text: Schema.String,
  createdAt: Schema.DateTimeUtc
}) {}

/** Where developers find what would have gone out. */
export class DevOutbox extends Context.Service<
  DevOutbox,
  {
    /** The oldest messages are forgotten for it where there are too many. */
    add(message: UnsentMessage): Effect.Effect<void>
    /**
     * Newest first. With `to`, what was meant for that address, without regard to case, or for that number, with or
     * without its `+`.
     */
    list(to?: string): Effect.Effect<ReadonlyArray<UnsentMessage>>
  }
>()("rookery/domain/shared/DevOutbox") {}
