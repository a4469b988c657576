import { DateTime, Effect, HashMap, Layer, Option, Result } from "effect"
import { Account, AccountId, EmailTaken, usernameKey, UsernameTaken } from "../../domain/accounts/Account.ts"
import { AccountRepository, type Credentials } from "../../domain/accounts/AccountRepository.ts"
import { signInKey } from "../../domain/accounts/SignInKey.ts"
import { emailKey } from "../../domain/shared/EmailAddress.ts"
import { type AccountRow, type Change, MemoryWorld, type World } from "./MemoryWorld.ts"

const findRow = (world: World, matches: (row: AccountRow) => boolean): AccountRow | undefined =>
  HashMap.toValues(world.accounts).find(matches)

const withRow = (world: World, row: AccountRow): World => ({
  ...world,
  accounts: HashMap.set(world.accounts, row.account.id, row)
})

export const AccountRepositoryMemory = Layer.effect(
  AccountRepository,
  Effect.gen(function* () {
    const world = yield* MemoryWorld

    return AccountRepository.of({
      insert: ({ email, firstName, lastName, passwordHash, username }, now) =>
        world.change((before): Change<Account, UsernameTaken | EmailTaken> => {
          const nameKey = username === null ? null : usernameKey(username)
          const mailKey = email === null ? null : emailKey(email)
          if (username !== null && findRow(before, (row) => row.usernameKey === nameKey)) {
            return Result.fail(new UsernameTaken({ username }))
          }
          if (email !== null && findRow(before, (row) => row.emailKey === mailKey)) {
            return Result.fail(new EmailTaken({ email }))
          }
          const account = new Account({
            id: AccountId.make(world.nextId("accounts")),
            username,
            email,
            emailVerifiedAt: null,
            firstName,
            lastName,
            createdAt: now
          })
          const emailClaimedAt = email === null ? null : now
          const row = { account, usernameKey: nameKey, emailKey: mailKey, emailClaimedAt, passwordHash }
          return Result.succeed([account, withRow(before, row)])
        }),

      releaseUnverifiedEmail: (email, claimedBefore) =>
        world.change((before) => {
          const row = findRow(before, (row) => row.emailKey === emailKey(email))
          if (
            row === undefined ||
            row.account.emailVerifiedAt !== null ||
            row.emailClaimedAt === null ||
            !DateTime.isLessThan(row.emailClaimedAt, claimedBefore)
          ) {
            return Result.succeed([false, before])
          }
          const account = new Account({ ...row.account, email: null })
          return Result.succeed([true, withRow(before, { ...row, account, emailKey: null, emailClaimedAt: null })])
        }),

      findCredentials: (identifier) =>
        world.read((now): Option.Option<Credentials> => {
          const key = signInKey(identifier)
          if (key === undefined) return Option.none()
          const row = findRow(now, (row) =>
            key._tag === "Email" ? row.emailKey === key.emailKey : row.usernameKey === key.usernameKey
          )
          if (row === undefined || row.passwordHash === null) return Option.none()
          return Option.some({ accountId: row.account.id, passwordHash: row.passwordHash })
        }),

      savePasswordHash: (id, passwordHash, previous) =>
        world.change((before) =>
          Option.match(
            Option.filter(HashMap.get(before.accounts, id), (row) => row.passwordHash === previous),
            {
              onNone: () => Result.succeed([undefined, before]),
              onSome: (row) => Result.succeed([undefined, withRow(before, { ...row, passwordHash })])
            }
          )
        )
    })
  })
)
