import { assert, layer } from "@effect/vitest"
import { DateTime, Duration, Effect, Layer, Option } from "effect"
import { SqlClient } from "effect/sql"
import { AccountId } from "../../../src/domain/accounts/Account.ts"
import { AccountRepository } from "../../../src/domain/accounts/AccountRepository.ts"
import { NotificationLog } from "../../../src/domain/notifications/NotificationLog.ts"
import { BlobKey, ContentType } from "../../../src/domain/shared/BlobStore.ts"
import { PhoneDigits } from "../../../src/domain/shared/PhoneNumber.ts"
import { FriendshipRepository } from "../../../src/domain/talk/FriendshipRepository.ts"
import { MediaId } from "../../../src/domain/talk/Media.ts"
import { MediaRepository } from "../../../src/domain/talk/MediaRepository.ts"
import { ClientMessageId, MessageId, MessageText } from "../../../src/domain/talk/Message.ts"
import { MessageRepository } from "../../../src/domain/talk/MessageRepository.ts"
import { describeWith, postgresUrl } from "../../support/Services.ts"
import { serverDatabase } from "../../support/TestDatabase.ts"
import { assertFast, type ExplainedStatement, type Plan, plansOf, rowsRead } from "./Plans.ts"
import { repositoriesOn } from "./RepositoriesOn.ts"

const [people, clips, long, others] = [1000, 20_000, 1_000_000, 100_000]
const [one, other] = [AccountId.make(1), AccountId.make(2)]
const friend = AccountId.make(11)

/** In milliseconds. */
const longest = 5

/**
 * A conversation of a million messages, of which the last fifty are not seen, and those of a thousand people who have a
 * hundred friends each. Indexes and references are made afterwards: faster.
 */
const fill = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`INSERT INTO accounts (phone_number, created_at)
    SELECT 49150000000 + n, now() FROM generate_series(1, ${people}) AS n`
  yield* sql`INSERT INTO friendships (account_id, peer_id, stance, last_touch_at)
    SELECT one, other, 'asked', now() FROM generate_series(1, ${people}) AS one, generate_series(1, ${people}) AS other
    WHERE one <> other AND (one - other) % 10 = 0 OR (one, other) IN ((1, 2), (2, 1))`
  yield* sql`INSERT INTO media (account_id, kind, content_type, blob_key, size, sent, created_at)
    SELECT 1 + n % ${people}, 'audio', 'audio/ogg', 'media/' || n, 1000, n % 100 <> 0, now() - n * interval '1 minute'
    FROM generate_series(1, ${clips}) AS n`
  const indexes = yield* sql<{ indexname: string; indexdef: string }>`
    SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'messages' AND indexname <> 'messages_pkey'`
  const references = yield* sql<{ name: string; definition: string }>`
    SELECT conname AS name, pg_get_constraintdef(oid) AS definition FROM pg_constraint
    WHERE conrelid = 'messages'::regclass AND contype = 'f'`
  assert.isNotEmpty(indexes)
  assert.isNotEmpty(references)
  for (const { indexname } of indexes) yield* sql`DROP INDEX ${sql(indexname)}`
  for (const { name } of references) yield* sql`ALTER TABLE messages DROP CONSTRAINT ${sql(name)}`
  yield* sql`
    INSERT INTO messages (low_id, high_id, sender_id, kind, body, status, client_message_id, created_at)
    SELECT 1, 2, 1 + n % 2, 'text', 'Message number ' || n || ' of a long conversation',
      CASE WHEN n > ${long} - 50 THEN 'created' ELSE 'seen' END, 'c' || n, now() - (${long} - n) * interval '1 second'
    FROM generate_series(1, ${long}::integer) AS n`
  yield* sql`
    INSERT INTO messages (low_id, high_id, sender_id, kind, media_id, media_type, status, created_at)
    SELECT sender, sender + 10, sender, 'audio', n % ${clips} + 1, 'audio/ogg',
      CASE n % 3 WHEN 0 THEN 'created' WHEN 1 THEN 'delivered' ELSE 'seen' END, now()
    FROM generate_series(1, ${others}::integer) AS n CROSS JOIN LATERAL (SELECT 1 + n % (${people} - 10)) AS s (sender)`
  for (const { indexdef } of indexes) yield* sql.unsafe(indexdef)
  for (const { definition, name } of references) {
    yield* sql`ALTER TABLE messages ADD CONSTRAINT ${sql(name)} ${sql.literal(definition)}`
  }
  for (const table of ["accounts", "friendships", "media", "messages"]) yield* sql`VACUUM (ANALYZE) ${sql(table)}`
})

const Filled = Layer.provideMerge(Layer.effectDiscard(fill), serverDatabase())

const isOf = (table: string) => (step: Plan) =>
  step["Relation Name"] === table || (step["Index Name"]?.startsWith(`${table}_`) ?? false)

/** Steps that read rows of messages, or entries of its indexes. */
const readsOfMessages = ({ steps }: ExplainedStatement) =>
  steps.filter((step) => /Scan/.test(step["Node Type"])).filter(isOf("messages"))

/** The tables that are read from end to end by the statements of an effect. */
const readWhole = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(plansOf(effect), (statements) =>
    statements.flatMap(({ steps }) =>
      steps.flatMap((step) => (step["Node Type"] === "Seq Scan" ? [step["Relation Name"] ?? "?"] : []))
    )
  )

describeWith(postgresUrl)("in a conversation of a million messages", () => {
  layer(Layer.provideMerge(repositoriesOn(Filled)(true), Filled), {
    excludeTestServices: true,
    timeout: "120 seconds"
  })("on a server", (it) => {
    const now = DateTime.makeUnsafe(Date.now())

    for (const [what, limit, before] of [
      ["the last hundred", 100, undefined],
      ["the last 255", 255, undefined],
      ["a hundred in the middle", 100, MessageId.make(500_000)],
      ["a hundred near the beginning", 100, MessageId.make(150)]
    ] as const) {
      it.effect(`${what} are one range of an index, from its end, within ${longest} ms`, () =>
        Effect.gen(function* () {
          const list = MessageRepository.use((messages) => messages.list(other, one, limit, before))
          const [first, ...more] = yield* list
          assert.strictEqual(first?.id, (before ?? long + 1) - 1)
          assert.lengthOf(more, limit - 1)
          for (const statement of yield* plansOf(list, true)) {
            assert.deepStrictEqual(
              statement.steps.map((step) => step["Node Type"]),
              ["Limit", "Index Scan"]
            )
            const [step] = readsOfMessages(statement)
            assert.deepInclude(step, { "Index Name": "messages_pkey", "Scan Direction": "Backward" })
            assert.match(step?.["Index Cond"] ?? "", /low_id = .*high_id = /)
            assert.strictEqual(step === undefined ? 0 : rowsRead(step), limit)
          }
          yield* assertFast(list, longest)
        })
      )
    }

    it.effect("nobody reads a message to count what is unread", () =>
      Effect.gen(function* () {
        const friendships = yield* FriendshipRepository
        const uses: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
          friendships.list(one),
          friendships.find(one, PhoneDigits.make("49150000002")),
          friendships.lockPair(one, other)
        ]
        for (const use of uses) {
          for (const { steps } of yield* plansOf(use)) assert.deepStrictEqual(steps.filter(isOf("messages")), [])
        }
      })
    )

    it.effect("what is not delivered or seen is found among what is not", () =>
      Effect.gen(function* () {
        const messages = yield* MessageRepository
        const last = MessageId.make(long)
        const [receiver, sender] = long % 2 === 0 ? [other, one] : [one, other]
        const uses: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
          messages.deliverNext(receiver, 0),
          messages.see(receiver, sender, last),
          messages.seeTexts(receiver, sender)
        ]
        for (const use of uses) {
          for (const statement of yield* plansOf(use, true)) {
            const reads = readsOfMessages(statement)
            assert.isNotEmpty(reads)
            for (const step of reads) {
              assert.notStrictEqual(step["Node Type"], "Seq Scan")
              assert.isAtMost(rowsRead(step), 50)
            }
          }
        }
      })
    )

    it.effect("messages and clips are found through an index", () =>
      Effect.gen(function* () {
        const [accounts, media, messages] = [yield* AccountRepository, yield* MediaRepository, yield* MessageRepository]
        const text = MessageText.make("hello")
        const content = { _tag: "Text", text } as const
        const clientMessageId = ClientMessageId.make("new")
        const clip = {
          uploader: one,
          kind: "audio",
          contentType: ContentType.make("audio/ogg"),
          blobKey: BlobKey.make("media/new"),
          size: 1,
          duration: Duration.seconds(1)
        } as const
        const uses: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
          messages.findByClientId(one, ClientMessageId.make("c1001")),
          messages.findReceived(one, MessageId.make(1000)),
          messages.insert({ sender: one, receiver: other, content, clientMessageId }, now),
          messages.sendText({ sender: one, phone: PhoneDigits.make("49150000002"), text, clientMessageId: null }, now),
          messages.deliverNext(friend, 0),
          messages.see(friend, one, MessageId.make(long + 1000)),
          messages.seeTexts(friend, one),
          media.insert(clip, now),
          media.findVisible(friend, MediaId.make(1000)),
          media.keepSent(one, MediaId.make(1000)),
          media.countUnsent(one, DateTime.subtract(now, { days: 1 })),
          media.deleteUnsent(DateTime.subtract(now, { days: 1 }), 100)
        ]
        for (const use of uses) assert.deepStrictEqual(yield* readWhole(use), [])
        assert.isTrue(Option.isSome(yield* messages.findByClientId(one, clientMessageId)))
        // What references bring about has no plan to be read here, but would take seconds.
        assert.deepStrictEqual(yield* readWhole(accounts.delete(AccountId.make(500))), [])
      })
    )
  })
})

/** As soon after a start as that: people have begun to talk, and nothing has counted the rows yet. */
const begin = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const table of ["accounts", "friendships", "messages", "notification_counters", "notifications"]) {
    yield* sql`ALTER TABLE ${sql(table)} SET (autovacuum_enabled = false)`
  }
  yield* sql`INSERT INTO accounts (phone_number, created_at)
    SELECT 49150000000 + n, now() FROM generate_series(1, 3000) AS n`
  yield* sql`INSERT INTO friendships (account_id, peer_id, stance, last_touch_at)
    SELECT one, other, 'asked', now() FROM generate_series(1, 3000) AS one, generate_series(1, 3000) AS other
    WHERE one <> other AND abs(one - other) < 5`
  yield* sql`INSERT INTO messages (low_id, high_id, sender_id, kind, body, status, created_at)
    SELECT one, one + 1, one, 'text', 'hello', 'created', now() FROM generate_series(1, 2999) AS one`
  yield* sql`INSERT INTO notification_counters (account_id, newest_id, newest_at, oldest_id)
    SELECT n, 20, now(), 1 FROM generate_series(1, 3000) AS n`
  yield* sql`INSERT INTO notifications (account_id, id, notification, created_at)
    SELECT n, id, '{"_tag": "ContactsUpdated"}', now()
    FROM generate_series(1, 3000) AS n CROSS JOIN generate_series(1, 20) AS id`
})

const Begun = Layer.provideMerge(Layer.effectDiscard(begin), serverDatabase())

describeWith(postgresUrl)("without statistics", () => {
  layer(Layer.provideMerge(repositoriesOn(Begun)(true), Begun), {
    excludeTestServices: true,
    timeout: "60 seconds"
  })("on a server", (it) => {
    it.effect("nobody who sends, delivers or tells reads a table whole", () =>
      Effect.gen(function* () {
        const [messages, log] = [yield* MessageRepository, yield* NotificationLog]
        const now = DateTime.makeUnsafe(Date.now())
        const [phone, text] = [PhoneDigits.make("49150000002"), MessageText.make("hello")]
        const clientMessageId = ClientMessageId.make("1")
        const some = Array.from({ length: 100 }, (_, n) => AccountId.make(n + 1))
        const tell = (people: ReadonlyArray<AccountId>) =>
          log.append(people.map((to) => ({ to, notification: { _tag: "ContactsUpdated" } })))
        const uses: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
          messages.sendText({ sender: one, phone, text, clientMessageId: null }, now),
          messages.sendText({ sender: one, phone, text, clientMessageId }, now),
          messages.deliverNext(other, 0),
          messages.deliverNext(one, 0),
          tell([one]),
          tell([other, one]),
          tell(some)
        ]
        for (const use of uses) assert.deepStrictEqual(yield* readWhole(use), [])
        assert.isTrue(Option.isNone(yield* messages.sendText({ sender: one, phone, text, clientMessageId }, now)))
      })
    )
  })
})
