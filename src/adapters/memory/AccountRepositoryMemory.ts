import { DateTime, Effect, HashMap, Layer, Option, Result } from "effect"
import {
  Account,
  AccountId,
  AccountNotFound,
  EmailTaken,
  PhoneTaken,
  usernameKey,
  UsernameTaken
} from "../../domain/accounts/Account.ts"
import { AccountRepository, type Credentials } from "../../domain/accounts/AccountRepository.ts"
import { signInKey } from "../../domain/accounts/SignInKey.ts"
import { EventRouting } from "../../domain/events/EventRouting.ts"
import { type EmailAddress, emailKey } from "../../domain/shared/EmailAddress.ts"
import type { PhoneDigits } from "../../domain/shared/PhoneNumber.ts"
import { withoutAccount } from "./AccountDeletionMemory.ts"
import { type Change, MemoryWorld } from "./MemoryWorld.ts"
import type { AccountRow, World } from "./World.ts"

const blank = {
  username: null,
  email: null,
  emailVerifiedAt: null,
  pendingEmail: null,
  phoneNumber: null,
  avatarId: null,
  firstName: null,
  lastName: null
}

const findRow = (world: World, matches: (row: AccountRow) => boolean): AccountRow | undefined =>
  HashMap.toValues(world.accounts).find(matches)

const findByEmail = (world: World, email: EmailAddress) => findRow(world, (row) => row.emailKey === emailKey(email))

const findByPhone = (world: World, phone: PhoneDigits) => findRow(world, (row) => row.account.phoneNumber === phone)

const find = (world: World, id: AccountId): Result.Result<AccountRow, AccountNotFound> =>
  Result.fromOption(HashMap.get(world.accounts, id), () => new AccountNotFound({ id }))

const withRow = (world: World, row: AccountRow): World => ({
  ...world,
  accounts: HashMap.set(world.accounts, row.account.id, row)
})

const hasLapsed = ({ account, emailClaimedAt }: AccountRow, claimedBefore: DateTime.Utc) =>
  account.emailVerifiedAt === null && emailClaimedAt !== null && DateTime.isLessThan(emailClaimedAt, claimedBefore)

const credentialsOf = (row: AccountRow | undefined): Option.Option<Credentials> =>
  row === undefined || row.passwordHash === null
    ? Option.none()
    : Option.some({ account: row.account, passwordHash: row.passwordHash })

export const AccountRepositoryMemory = Layer.effect(
  AccountRepository,
  Effect.gen(function* () {
    const world = yield* MemoryWorld
    const routing = yield* EventRouting

    const findById = (id: AccountId) =>
      Effect.flatMap(
        world.read((now) => Result.map(find(now, id), ({ account }) => account)),
        Effect.fromResult
      )

    return AccountRepository.of({
      insert: ({ email, firstName, lastName, passwordHash, username }, now) =>
        world.change((before): Change<Account, UsernameTaken | EmailTaken> => {
          const nameKey = username === null ? null : usernameKey(username)
          if (username !== null && findRow(before, (row) => row.usernameKey === nameKey)) {
            return Result.fail(new UsernameTaken({ username }))
          }
          if (email !== null && findByEmail(before, email)) return Result.fail(new EmailTaken({ email }))
          const id = AccountId.make(world.nextId("accounts"))
          const account = new Account({ ...blank, id, username, email, firstName, lastName, createdAt: now })
          const keys = { usernameKey: nameKey, emailKey: email === null ? null : emailKey(email) }
          const row = { account, ...keys, emailClaimedAt: email === null ? null : now, passwordHash }
          return Result.succeed([account, withRow(before, row)])
        }),

      insertWithPhone: (phoneNumber, now) =>
        world.change((before) => {
          if (findByPhone(before, phoneNumber)) return Result.fail(new PhoneTaken({ phoneNumber }))
          const id = AccountId.make(world.nextId("accounts"))
          const account = new Account({ ...blank, id, phoneNumber, createdAt: now })
          const row = { account, usernameKey: null, emailKey: null, emailClaimedAt: null, passwordHash: null }
          return Result.succeed([account, withRow(before, row)])
        }),

      findById,
      // Transactions run one at a time, so there is nobody to lock out.
      findByIdForUpdate: findById,
      findByIdForChange: findById,

      findByEmail: (email) =>
        world.read((now) => Option.map(Option.fromNullishOr(findByEmail(now, email)), ({ account }) => account)),

      findHolderOfEmail: (email, claimedBefore) =>
        world.read((now) =>
          Option.fromNullishOr(findByEmail(now, email)).pipe(
            Option.filter((row) => !hasLapsed(row, claimedBefore)),
            Option.map(({ account }) => account)
          )
        ),

      listByPendingEmail: (email) =>
        world.read(({ accounts }) =>
          HashMap.toValues(accounts)
            .flatMap(({ account }) =>
              account.pendingEmail !== null && emailKey(account.pendingEmail) === emailKey(email) ? [account] : []
            )
            .toSorted((one, other) => one.id - other.id)
            .slice(0, 10)
        ),

      save: (saved, now) =>
        world.change((before): Change<Account, AccountNotFound | EmailTaken> =>
          Result.flatMap(find(before, saved.id), (row) => {
            const { email } = saved
            const key = email === null ? null : emailKey(email)
            const holder = email === null ? undefined : findByEmail(before, email)
            if (email !== null && holder !== undefined && holder.account.id !== saved.id) {
              return Result.fail(new EmailTaken({ email }))
            }
            const { createdAt, phoneNumber, username } = row.account
            const account = new Account({ ...saved, username, phoneNumber, createdAt })
            const emailClaimedAt = key === null ? null : key === row.emailKey ? row.emailClaimedAt : now
            return Result.succeed([account, withRow(before, { ...row, account, emailKey: key, emailClaimedAt })])
          })
        ),

      findByPhone: (phone) =>
        world.read((now) => Option.map(Option.fromNullishOr(findByPhone(now, phone)), ({ account }) => account)),

      savePhone: (id, phoneNumber) =>
        world.change((before): Change<Account, AccountNotFound | PhoneTaken> =>
          Result.flatMap(find(before, id), (row) => {
            const holder = findByPhone(before, phoneNumber)
            if (holder !== undefined && holder.account.id !== id) return Result.fail(new PhoneTaken({ phoneNumber }))
            const account = new Account({ ...row.account, phoneNumber })
            return Result.succeed([account, withRow(before, { ...row, account })])
          })
        ),

      releaseUnverifiedEmail: (email, claimedBefore) =>
        world.change((before) => {
          const row = findByEmail(before, email)
          if (row === undefined || !hasLapsed(row, claimedBefore)) return Result.succeed([false, before])
          const account = new Account({ ...row.account, email: null })
          return Result.succeed([true, withRow(before, { ...row, account, emailKey: null, emailClaimedAt: null })])
        }),

      findCredentials: (identifier) =>
        world.read((now) => {
          const key = signInKey(identifier)
          if (key === undefined) return Option.none()
          return credentialsOf(
            findRow(now, (row) =>
              key._tag === "Email" ? row.emailKey === key.emailKey : row.usernameKey === key.usernameKey
            )
          )
        }),

      findCredentialsById: (id) =>
        world.read((now) => credentialsOf(Option.getOrUndefined(HashMap.get(now.accounts, id)))),

      savePasswordHash: (id, passwordHash, previous) =>
        world.change((before) => {
          const row = Option.getOrUndefined(HashMap.get(before.accounts, id))
          if (row === undefined || row.passwordHash !== previous) return Result.succeed([false, before])
          return Result.succeed([true, withRow(before, { ...row, passwordHash })])
        }),

      delete: (id) =>
        world.change((before, now) =>
          Result.map(find(before, id), ({ account }) => [account, withoutAccount(world, routing, before, account, now)])
        )
    })
  })
)
