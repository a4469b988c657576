import type { Layer } from "effect"
import type { AccountRepository } from "../../src/domain/accounts/AccountRepository.ts"
import type { SessionRepository } from "../../src/domain/accounts/SessionRepository.ts"
import type { ContactRepository } from "../../src/domain/contacts/ContactRepository.ts"
import type { NoteRepository } from "../../src/domain/contacts/NoteRepository.ts"
import type { Outbox } from "../../src/domain/events/Outbox.ts"
import type { Secrets } from "../../src/domain/shared/Secrets.ts"
import type { Transaction } from "../../src/domain/shared/Transaction.ts"
import { accountsContract } from "./accountsContract.ts"
import { contactsContract } from "./contactsContract.ts"
import { notesContract } from "./notesContract.ts"
import { outboxContract } from "./outboxContract.ts"
import { secretsContract } from "./secretsContract.ts"
import { sessionsContract } from "./sessionsContract.ts"
import { transactionContract } from "./transactionContract.ts"

/** All the repositories of one store, with or without an upstream service to route events to. */
export type Repositories<E> = (
  upstream: boolean
) => Layer.Layer<
  AccountRepository | SessionRepository | ContactRepository | NoteRepository | Outbox | Transaction | Secrets,
  E
>

/** The contracts of everything that is kept in one store. Each suite gets a store of its own. */
export const repositoryContracts = <E>(name: string, repositories: Repositories<E>) => {
  accountsContract(name, repositories(true))
  sessionsContract(name, repositories(true))
  contactsContract(name, repositories(true))
  notesContract(name, repositories)
  outboxContract(name, repositories(true))
  transactionContract(name, repositories(true))
  secretsContract(name, repositories(true))
}
