import { Duration, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { randomUUID } from "node:crypto"
import { smsEntry, SmsQueue, type SmsRequest } from "../../../domain/accounts/SmsQueue.ts"
import { EventId } from "../../../domain/events/Outbox.ts"
import { insertOutboxEntry } from "../OutboxInsert.ts"

export interface SmsQueueOptions {
  /** Whether there is anything that sends them. */
  readonly available: boolean
}

export const SmsQueuePostgres = ({ available }: SmsQueueOptions) =>
  Layer.effect(
    SmsQueue,
    Effect.gen(function* () {
      const insert = insertOutboxEntry(yield* SqlClient.SqlClient)

      const enqueue = Effect.fn("SmsQueue.enqueue")((sms: SmsRequest) =>
        Effect.suspend(() => insert({ ...smsEntry(EventId.make(randomUUID()), sms), delay: Duration.zero })).pipe(
          Effect.orDie
        )
      )

      return SmsQueue.of({ available, enqueue })
    })
  )
