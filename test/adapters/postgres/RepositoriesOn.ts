import { Layer } from "effect"
import type { SqlClient } from "effect/sql"
import { AccountRepositoryPostgres } from "../../../src/adapters/postgres/accounts/AccountRepositoryPostgres.ts"
import { MailQueuePostgres } from "../../../src/adapters/postgres/accounts/MailQueuePostgres.ts"
import { PasscodeRepositoryPostgres } from "../../../src/adapters/postgres/accounts/PasscodeRepositoryPostgres.ts"
import { SessionRepositoryPostgres } from "../../../src/adapters/postgres/accounts/SessionRepositoryPostgres.ts"
import { SmsQueuePostgres } from "../../../src/adapters/postgres/accounts/SmsQueuePostgres.ts"
import { ContactRepositoryPostgres } from "../../../src/adapters/postgres/contacts/ContactRepositoryPostgres.ts"
import { NoteRepositoryPostgres } from "../../../src/adapters/postgres/contacts/NoteRepositoryPostgres.ts"
import { OutboxPostgres } from "../../../src/adapters/postgres/events/OutboxPostgres.ts"
import { NotificationLogPostgres } from "../../../src/adapters/postgres/notifications/NotificationLogPostgres.ts"
import { BlobRemovalsPostgres } from "../../../src/adapters/postgres/shared/BlobRemovalsPostgres.ts"
import { IdempotencyKeysPostgres } from "../../../src/adapters/postgres/shared/IdempotencyKeysPostgres.ts"
import { SecretsPostgres } from "../../../src/adapters/postgres/shared/SecretsPostgres.ts"
import { TransactionPostgres } from "../../../src/adapters/postgres/shared/TransactionPostgres.ts"
import { FriendshipRepositoryPostgres } from "../../../src/adapters/postgres/talk/FriendshipRepositoryPostgres.ts"
import { MediaRepositoryPostgres } from "../../../src/adapters/postgres/talk/MediaRepositoryPostgres.ts"
import { MessageRepositoryPostgres } from "../../../src/adapters/postgres/talk/MessageRepositoryPostgres.ts"
import { EventHandover } from "../../../src/domain/events/EventHandover.ts"
import { EventRouting } from "../../../src/domain/events/EventRouting.ts"
import { OutboxSignal } from "../../../src/domain/events/OutboxSignal.ts"

/** All the repositories on a database whose tables are there. */
export const repositoriesOn =
  <Also, E>(database: Layer.Layer<SqlClient.SqlClient | Also, E>) =>
  (upstream: boolean) =>
    Layer.mergeAll(
      AccountRepositoryPostgres,
      SessionRepositoryPostgres,
      ContactRepositoryPostgres,
      NoteRepositoryPostgres,
      OutboxPostgres,
      MailQueuePostgres,
      PasscodeRepositoryPostgres,
      SmsQueuePostgres({ available: true }),
      BlobRemovalsPostgres,
      IdempotencyKeysPostgres,
      FriendshipRepositoryPostgres,
      MessageRepositoryPostgres,
      MediaRepositoryPostgres,
      NotificationLogPostgres,
      SecretsPostgres
    ).pipe(
      Layer.provideMerge(Layer.mergeAll(TransactionPostgres, OutboxSignal.layer, EventHandover.layer)),
      Layer.provide(database),
      Layer.provide(Layer.succeed(EventRouting, { upstream }))
    )
