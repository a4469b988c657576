import { Layer } from "effect"
import type { SqlClient } from "effect/sql"
import { AccountRepositoryPostgres } from "../../../src/adapters/postgres/accounts/AccountRepositoryPostgres.ts"
import { SessionRepositoryPostgres } from "../../../src/adapters/postgres/accounts/SessionRepositoryPostgres.ts"
import { ContactRepositoryPostgres } from "../../../src/adapters/postgres/contacts/ContactRepositoryPostgres.ts"
import { NoteRepositoryPostgres } from "../../../src/adapters/postgres/contacts/NoteRepositoryPostgres.ts"
import { OutboxPostgres } from "../../../src/adapters/postgres/events/OutboxPostgres.ts"
import { SecretsPostgres } from "../../../src/adapters/postgres/shared/SecretsPostgres.ts"
import { TransactionPostgres } from "../../../src/adapters/postgres/shared/TransactionPostgres.ts"
import { EventRouting } from "../../../src/domain/events/EventRouting.ts"

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
      TransactionPostgres,
      SecretsPostgres
    ).pipe(Layer.provide(database), Layer.provide(Layer.succeed(EventRouting, { upstream })))
