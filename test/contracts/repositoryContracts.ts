import type { Layer } from "effect"
import type { AccountRepository } from "../../src/domain/accounts/AccountRepository.ts"
import type { MailQueue } from "../../src/domain/accounts/MailQueue.ts"
import type { PasscodeRepository } from "../../src/domain/accounts/PasscodeRepository.ts"
import type { SessionRepository } from "../../src/domain/accounts/SessionRepository.ts"
import type { SmsQueue } from "../../src/domain/accounts/SmsQueue.ts"
import type { ContactRepository } from "../../src/domain/contacts/ContactRepository.ts"
import type { NoteRepository } from "../../src/domain/contacts/NoteRepository.ts"
import type { Outbox } from "../../src/domain/events/Outbox.ts"
import type { NotificationLog } from "../../src/domain/notifications/NotificationLog.ts"
import type { BlobRemovals } from "../../src/domain/shared/BlobRemovals.ts"
import type { IdempotencyKeys } from "../../src/domain/shared/IdempotencyKeys.ts"
import type { Secrets } from "../../src/domain/shared/Secrets.ts"
import type { Transaction } from "../../src/domain/shared/Transaction.ts"
import type { FriendshipRepository } from "../../src/domain/talk/FriendshipRepository.ts"
import type { MediaRepository } from "../../src/domain/talk/MediaRepository.ts"
import type { MessageRepository } from "../../src/domain/talk/MessageRepository.ts"
import { accountChangesContract } from "./accountChangesContract.ts"
import { accountDeletionContract } from "./accountDeletionContract.ts"
import { accountPhonesContract } from "./accountPhonesContract.ts"
import { accountsContract } from "./accountsContract.ts"
import { addressBookNotificationsContract } from "./addressBookNotificationsContract.ts"
import { blobRemovalsContract } from "./blobRemovalsContract.ts"
import { contactsContract } from "./contactsContract.ts"
import { friendshipsContract } from "./friendshipsContract.ts"
import { idempotencyKeysContract } from "./idempotencyKeysContract.ts"
import { invitationsContract } from "./invitationsContract.ts"
import { letterDeletionContract } from "./letterDeletionContract.ts"
import { mailQueueContract } from "./mailQueueContract.ts"
import { mediaContract } from "./mediaContract.ts"
import { messagesContract } from "./messagesContract.ts"
import { notesContract } from "./notesContract.ts"
import { notificationLogContract } from "./notificationLogContract.ts"
import { outboxContract } from "./outboxContract.ts"
import { passcodesContract } from "./passcodesContract.ts"
import { secretsContract } from "./secretsContract.ts"
import { sessionRacesContract } from "./sessionRacesContract.ts"
import { sessionsContract } from "./sessionsContract.ts"
import { smsQueueContract } from "./smsQueueContract.ts"
import { talkDeletionContract } from "./talkDeletionContract.ts"
import { transactionContract } from "./transactionContract.ts"

/** All the repositories of one store, with or without an upstream service to route events to. */
export type Repositories<E> = (
  upstream: boolean
) => Layer.Layer<
  | AccountRepository
  | SessionRepository
  | ContactRepository
  | NoteRepository
  | Outbox
  | MailQueue
  | PasscodeRepository
  | SmsQueue
  | BlobRemovals
  | IdempotencyKeys
  | FriendshipRepository
  | MessageRepository
  | MediaRepository
  | NotificationLog
  | Transaction
  | Secrets,
  E
>

/** The contracts of everything that is kept in one store. Each suite gets a store of its own. */
export const repositoryContracts = <E>(name: string, repositories: Repositories<E>) => {
  accountsContract(name, repositories(true))
  accountChangesContract(name, repositories(true))
  accountPhonesContract(name, repositories(true))
  accountDeletionContract(name, repositories(true))
  letterDeletionContract(name, repositories(true))
  sessionsContract(name, repositories(true))
  sessionRacesContract(name, repositories(true))
  contactsContract(name, repositories(true))
  notesContract(name, repositories)
  outboxContract(name, repositories(true))
  mailQueueContract(name, repositories(true))
  passcodesContract(name, repositories(true))
  smsQueueContract(name, repositories(true))
  blobRemovalsContract(name, repositories(true))
  idempotencyKeysContract(name, repositories(true))
  friendshipsContract(name, repositories(true))
  invitationsContract(name, repositories(true))
  messagesContract(name, repositories(true))
  mediaContract(name, repositories(true))
  talkDeletionContract(name, repositories(true))
  notificationLogContract(name, repositories(true))
  addressBookNotificationsContract(name, repositories(true))
  transactionContract(name, repositories(true))
  secretsContract(name, repositories(true))
}
