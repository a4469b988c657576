import { type DateTime, Effect, Layer, Option } from "effect"
import { SqlClient } from "effect/sql"
import {
  Account,
  type AccountId,
  AccountNotFound,
  EmailTaken,
  type PasswordHash,
  PhoneTaken,
  usernameKey,
  UsernameTaken
} from "../../../domain/accounts/Account.ts"
import { AccountRepository, type Credentials, type NewAccount } from "../../../domain/accounts/AccountRepository.ts"
import { signInKey } from "../../../domain/accounts/SignInKey.ts"
import { EventRouting } from "../../../domain/events/EventRouting.ts"
import { type EmailAddress, emailKey } from "../../../domain/shared/EmailAddress.ts"
import type { PhoneDigits } from "../../../domain/shared/PhoneNumber.ts"
import { accountDeletion } from "./AccountDeletion.ts"
import { type AccountRow, accountStatements, type CredentialsRow } from "./AccountStatements.ts"

const account = (row: typeof AccountRow.Type) => new Account(row)

const credentials = ({ passwordHash, ...row }: typeof CredentialsRow.Type): Credentials => ({
  account: account(row),
  passwordHash
})

const keyOf = (email: EmailAddress | null) => (email === null ? null : emailKey(email))

const notFound = (id: AccountId) => ({
  NoSuchElementError: () => Effect.fail(new AccountNotFound({ id })),
  SchemaError: Effect.die,
  SqlError: Effect.die
})

export const AccountRepositoryPostgres = Layer.effect(
  AccountRepository,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const deleteAccount = accountDeletion(sql, yield* EventRouting)

    const statements = accountStatements(sql)

    const insert = Effect.fn("AccountRepository.insert")(function* (account: NewAccount, now: DateTime.Utc) {
      const { email, username } = account
      const keys = { usernameKey: username === null ? null : usernameKey(username), emailKey: keyOf(email) }
      const row = { ...account, ...keys, emailClaimedAt: email === null ? null : now, createdAt: now }
      while (true) {
        const inserted = yield* Effect.orDie(statements.insertRow(row))
        if (Option.isSome(inserted)) return new Account(inserted.value)
        const taken = yield* Effect.orDie(statements.selectTaken(keys))
        if (username !== null && taken.username) return yield* new UsernameTaken({ username })
        if (email !== null && taken.email) return yield* new EmailTaken({ email })
        // What was in the way has gone in between.
      }
    })

    const insertWithPhone = Effect.fn("AccountRepository.insertWithPhone")(function* (
      phoneNumber: PhoneDigits,
      now: DateTime.Utc
    ) {
      const inserted = yield* Effect.orDie(statements.insertPhoneRow({ phoneNumber, createdAt: now }))
      return Option.isSome(inserted) ? account(inserted.value) : yield* new PhoneTaken({ phoneNumber })
    })

    const findById = Effect.fn("AccountRepository.findById")((id: AccountId) =>
      statements.selectById(id).pipe(Effect.map(account), Effect.catchTags(notFound(id)))
    )

    const findByIdForUpdate = Effect.fn("AccountRepository.findByIdForUpdate")((id: AccountId) =>
      statements.lockById(id).pipe(Effect.map(account), Effect.catchTags(notFound(id)))
    )

    const findByIdForChange = Effect.fn("AccountRepository.findByIdForChange")((id: AccountId) =>
      statements.lockForChange(id).pipe(Effect.map(account), Effect.catchTags(notFound(id)))
    )

    const findByEmail = Effect.fn("AccountRepository.findByEmail")((email: EmailAddress) =>
      statements.selectByEmail(emailKey(email)).pipe(Effect.map(Option.map(account)), Effect.orDie)
    )

    const findHolderOfEmail = Effect.fn("AccountRepository.findHolderOfEmail")(
      (email: EmailAddress, claimedBefore: DateTime.Utc) =>
        statements
          .selectHolder({ emailKey: emailKey(email), claimedBefore })
          .pipe(Effect.map(Option.map(account)), Effect.orDie)
    )

    const listByPendingEmail = Effect.fn("AccountRepository.listByPendingEmail")((email: EmailAddress) =>
      statements.selectByPendingEmail(emailKey(email)).pipe(
        Effect.map((rows) => rows.map(account)),
        Effect.orDie
      )
    )

    const save = Effect.fn("AccountRepository.save")((saved: Account, now: DateTime.Utc) =>
      statements
        .updateRow({ ...saved, emailKey: keyOf(saved.email), pendingEmailKey: keyOf(saved.pendingEmail), now })
        .pipe(
          Effect.map(account),
          Effect.catchTags({
            ...notFound(saved.id),
            // There is one unique column among those that are written.
            SqlError: (error) =>
              error.reason._tag === "UniqueViolation" && saved.email !== null
                ? Effect.fail(new EmailTaken({ email: saved.email }))
                : Effect.die(error)
          })
        )
    )

    const findByPhone = Effect.fn("AccountRepository.findByPhone")((phone: PhoneDigits) =>
      statements.selectByPhone(phone).pipe(Effect.map(Option.map(account)), Effect.orDie)
    )

    const savePhone = Effect.fn("AccountRepository.savePhone")((id: AccountId, phone: PhoneDigits) =>
      statements.updatePhone({ id, phone }).pipe(
        Effect.map(account),
        Effect.catchTags({
          ...notFound(id),
          SqlError: (error) =>
            error.reason._tag === "UniqueViolation"
              ? Effect.fail(new PhoneTaken({ phoneNumber: phone }))
              : Effect.die(error)
        })
      )
    )

    const releaseUnverifiedEmail = Effect.fn("AccountRepository.releaseUnverifiedEmail")(
      (email: EmailAddress, claimedBefore: DateTime.Utc) =>
        statements
          .releaseRow({ emailKey: emailKey(email), claimedBefore })
          .pipe(Effect.map(Option.isSome), Effect.orDie)
    )

    const findCredentials = Effect.fn("AccountRepository.findCredentials")((identifier: string) => {
      const key = signInKey(identifier)
      if (key === undefined) return Effect.succeedNone
      const found =
        key._tag === "Email"
          ? statements.selectCredentialsByEmail(key.emailKey)
          : statements.selectCredentialsByUsername(key.usernameKey)
      return found.pipe(Effect.map(Option.map(credentials)), Effect.orDie)
    })

    const findCredentialsById = Effect.fn("AccountRepository.findCredentialsById")((id: AccountId) =>
      statements.selectCredentialsById(id).pipe(Effect.map(Option.map(credentials)), Effect.orDie)
    )

    const savePasswordHash = Effect.fn("AccountRepository.savePasswordHash")(
      (id: AccountId, hash: PasswordHash, previous: PasswordHash) =>
        statements.updatePasswordHash({ id, hash, previous }).pipe(Effect.map(Option.isSome), Effect.orDie)
    )

    const remove = Effect.fn("AccountRepository.delete")((id: AccountId) =>
      deleteAccount(id, statements.lockById(id)).pipe(Effect.map(account), Effect.catchTags(notFound(id)))
    )

    return AccountRepository.of({
      insert,
      insertWithPhone,
      findById,
      findByIdForUpdate,
      findByIdForChange,
      findByEmail,
      findHolderOfEmail,
      listByPendingEmail,
      save,
      findByPhone,
      savePhone,
      releaseUnverifiedEmail,
      findCredentials,
      findCredentialsById,
      savePasswordHash,
      delete: remove
    })
  })
)
