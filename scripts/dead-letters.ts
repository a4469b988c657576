// Lists events that were given up, and sends them again.
//
//   npm run dead-letters -- list [--limit 50]
//   npm run dead-letters -- resend <id>... | --all
//
// It works beside a running server, which sends within a second what it finds; without one, the next to start does.
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Cause, Console, DateTime, Effect, Exit, Layer, Schema } from "effect"
import { Argument, CliError, Command, Flag } from "effect/cli"
import { existingDatabase } from "../src/adapters/postgres/ExistingDatabase.ts"
import { OutboxPostgres } from "../src/adapters/postgres/events/OutboxPostgres.ts"
import { DeadLetters } from "../src/application/events/DeadLetters.ts"
import { Configuration } from "../src/Configuration.ts"
import { environment } from "../src/Environment.ts"
import type { DeadLetter } from "../src/domain/events/Outbox.ts"
import { OutboxSignal } from "../src/domain/events/OutboxSignal.ts"
import { databaseOptions } from "../src/Infrastructure.ts"

class Refused extends Schema.TaggedError<Refused>()("Refused", { message: Schema.String }) {}

const Program = Layer.unwrap(Effect.map(Configuration, (settings) => existingDatabase(databaseOptions(settings)))).pipe(
  (database) => DeadLetters.layer.pipe(Layer.provide([OutboxPostgres, OutboxSignal.layer]), Layer.provide(database)),
  Layer.provide(Configuration.layer),
  Layer.provide(environment)
)

const withDeadLetters = <A>(use: (deadLetters: DeadLetters["Service"]) => Effect.Effect<A>) =>
  Effect.provide(DeadLetters.use(use), Program)

const show = (letter: DeadLetter) => {
  const { attempts, destination, diedAt, eventId, id, lastError, subject, type } = letter
  const tries = attempts === 1 ? "1 try" : `${attempts} tries`
  return `${id}  ${destination}  ${type}  ${subject}  ${eventId}\n    given up ${DateTime.formatIso(diedAt)} after ${tries}: ${lastError ?? ""}`
}

const list = Command.make(
  "list",
  {
    limit: Flag.Int("limit").pipe(
      Flag.withDescription("How many at most"),
      Flag.withDefault(50),
      Flag.withSchema(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 10_000 })))
    )
  },
  Effect.fn(function* ({ limit }) {
    const letters = yield* withDeadLetters((deadLetters) => deadLetters.list(limit))
    yield* Console.log(letters.length === 0 ? "No dead letters." : letters.map(show).join("\n"))
  })
).pipe(Command.withDescription("Shows what was given up, the newest first"))

const resend = Command.make(
  "resend",
  {
    ids: Argument.Int("id").pipe(
      Argument.withDescription("The numbers that list shows first in each line"),
      Argument.variadic()
    ),
    all: Flag.Boolean("all").pipe(Flag.withDescription("Every dead letter"), Flag.withDefault(false))
  },
  Effect.fn(function* ({ all, ids }) {
    if (all === ids.length > 0) return yield* new Refused({ message: "resend wants the ids of dead letters, or --all" })
    const sent = yield* withDeadLetters((deadLetters) => deadLetters.redeliver(all ? "all" : ids))
    if (!all && sent === 0) return yield* new Refused({ message: "None of these is a dead letter" })
    yield* Console.log(`${sent} ${sent === 1 ? "event" : "events"} on the way again.`)
  })
).pipe(Command.withDescription("Sends them again, with all tries before them"))

/** One line, but for a command that was not understood: it has been explained already. */
const complain = (cause: Cause.Cause<{ readonly message: string }>) => {
  const [failure] = cause.reasons.filter(Cause.isFailReason)
  if (CliError.isCliError(failure?.error)) return Effect.void
  return Console.error(failure === undefined ? Cause.pretty(cause) : failure.error.message)
}

Command.make("dead-letters").pipe(
  Command.withDescription("Events that were given up"),
  Command.withSubcommands([list, resend]),
  Command.run({ version: "1" }),
  Effect.provide(NodeServices.layer),
  Effect.tapCause(complain),
  NodeRuntime.runMain({ disableErrorReporting: true, teardown: (exit, onExit) => onExit(Exit.isFailure(exit) ? 1 : 0) })
)
