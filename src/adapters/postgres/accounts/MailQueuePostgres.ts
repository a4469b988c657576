import { Duration, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { randomUUID } from "node:crypto"
import { mailEntry, MailQueue, type MailRequest } from "../../../domain/accounts/MailQueue.ts"
import { EventId } from "../../../domain/events/Outbox.ts"
import { insertOutboxEntry } from "../OutboxInsert.ts"

export const MailQueuePostgres = Layer.effect(
  MailQueue,
  Effect.gen(function* () {
    const insert = insertOutboxEntry(yield* SqlClient.SqlClient)

    const enqueue = Effect.fn("MailQueue.enqueue")((mail: MailRequest) =>
      Effect.suspend(() => insert({ ...mailEntry(EventId.make(randomUUID()), mail), delay: Duration.zero })).pipe(
        Effect.orDie
      )
    )

    return MailQueue.of({ enqueue })
  })
)
