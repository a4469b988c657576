import { assert, layer } from "@effect/vitest"
import { DateTime, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { AccountId } from "../../../src/domain/accounts/Account.ts"
import { AccountRepository } from "../../../src/domain/accounts/AccountRepository.ts"
import { NotificationId } from "../../../src/domain/notifications/Notification.ts"
import { NotificationLog } from "../../../src/domain/notifications/NotificationLog.ts"
import { PhoneDigits } from "../../../src/domain/shared/PhoneNumber.ts"
import { DisplayName } from "../../../src/domain/talk/Friend.ts"
import { FriendshipRepository } from "../../../src/domain/talk/FriendshipRepository.ts"
import { describeWith, postgresUrl } from "../../support/Services.ts"
import { serverDatabase } from "../../support/TestDatabase.ts"
import { plansOf } from "./Plans.ts"
import { repositoriesOn } from "./RepositoriesOn.ts"

/** 2000 accounts with 60 friends each, invitations and notifications. */
const fill = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`INSERT INTO accounts (phone_number, created_at)
    SELECT 4915100000000 + n, now() FROM generate_series(1, 2000) AS n`
  yield* sql`INSERT INTO friendships (account_id, peer_id, stance, last_touch_at)
    SELECT n, 1 + (n - 1 + step + 2000) % 2000, 'asked', now() - n * interval '1 second'
    FROM generate_series(1, 2000) AS n CROSS JOIN generate_series(-30, 30) AS step WHERE step <> 0`
  yield* sql`INSERT INTO invitations (account_id, phone_number, created_at)
    SELECT 1 + n % 2000, 4917000000000 + n % 7000, now() FROM generate_series(1, 20000) AS n ON CONFLICT DO NOTHING`
  yield* sql`INSERT INTO invitation_sms (phone_number, claimed_at)
    SELECT 4917000000000 + n, now() - n * interval '5 seconds' FROM generate_series(1, 20000) AS n`
  yield* sql`INSERT INTO notification_counters (account_id, newest_id, newest_at, oldest_id)
    SELECT n, 100, now(), 1 FROM generate_series(1, 2000) AS n`
  yield* sql`INSERT INTO notifications (account_id, id, notification, created_at)
    SELECT n, id, '{"_tag": "ContactsUpdated"}', now() - (100 - id) * interval '1 hour' - n * interval '1 second'
    FROM generate_series(1, 2000) AS n CROSS JOIN generate_series(1, 100) AS id`
  yield* sql`ANALYZE`
})

const Filled = Layer.provideMerge(Layer.effectDiscard(fill), serverDatabase())

/** The tables that are read from end to end by the statements of an effect. */
const readWhole = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(plansOf(effect), (statements) =>
    statements.flatMap(({ steps }) =>
      steps.flatMap((step) => (step["Node Type"] === "Seq Scan" ? [step["Relation Name"] ?? "?"] : []))
    )
  )

describeWith(postgresUrl)("query plans", () => {
  layer(Layer.provideMerge(repositoriesOn(Filled)(true), Filled), { excludeTestServices: true, timeout: "60 seconds" })(
    "of friends and notifications, on a server",
    (it) => {
      const [me, friend, stranger] = [AccountId.make(700), AccountId.make(710), AccountId.make(1500)]
      const now = DateTime.makeUnsafe(Date.now())
      const phone = (n: number) => PhoneDigits.make(`${4915100000000 + n}`)
      const invited = PhoneDigits.make("4917000000077")

      it.effect("find friends through an index", () =>
        Effect.gen(function* () {
          const friendships = yield* FriendshipRepository
          const side = { stance: "asked", touched: true } as const
          const forgotten = { stance: "none", touched: false } as const
          const uses: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
            friendships.lockPair(me, friend),
            friendships.lockPair(me, stranger),
            friendships.savePair(me, friend, { mine: side, theirs: side }, now),
            friendships.savePair(me, friend, { mine: forgotten, theirs: forgotten }, now),
            friendships.list(me),
            friendships.find(me, phone(710)),
            friendships.find(me, invited)
          ]
          for (const use of uses) assert.deepStrictEqual(yield* readWhole(use), [])
        })
      )

      it.effect("find invitations through an index", () =>
        Effect.gen(function* () {
          const friendships = yield* FriendshipRepository
          const uses: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
            friendships.lockNumber(invited, me),
            friendships.invite(me, invited, null, now),
            friendships.renameInvited(me, invited, DisplayName.make("Ada")),
            friendships.uninvite(me, invited),
            friendships.listInviters(invited),
            friendships.claimSms(invited, DateTime.subtract(now, { days: 1 }), now),
            friendships.claimSms(phone(1), DateTime.subtract(now, { days: 1 }), now)
          ]
          for (const use of uses) assert.deepStrictEqual(yield* readWhole(use), [])
        })
      )

      it.effect("find notifications through an index", () =>
        Effect.gen(function* () {
          const log = yield* NotificationLog
          const uses: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
            log.append([me, friend].map((to) => ({ to, notification: { _tag: "ContactsUpdated" } }))),
            log.listAfter(me, NotificationId.make(50), 100),
            log.listSince(me, DateTime.subtract(now, { hours: 5 }), 100),
            log.newest([me, friend, stranger]),
            log.deleteBefore(DateTime.subtract(now, { days: 7 }))
          ]
          for (const use of uses) assert.deepStrictEqual(yield* readWhole(use), [])
        })
      )

      it.effect("delete an account through an index", () =>
        Effect.gen(function* () {
          const accounts = yield* AccountRepository
          // The other tables are empty here.
          const filled = ["accounts", "friendships", "invitations", "notifications", "notification_counters"]
          const read = yield* readWhole(accounts.delete(stranger))
          assert.deepStrictEqual(
            read.filter((table) => filled.includes(table)),
            []
          )
        })
      )
    }
  )
})
