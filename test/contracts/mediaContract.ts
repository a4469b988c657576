import { assert, layer } from "@effect/vitest"
import { Data, DateTime, Duration, Effect, Exit, type Layer } from "effect"
import type { AccountId } from "../../src/domain/accounts/Account.ts"
import type { AccountRepository } from "../../src/domain/accounts/AccountRepository.ts"
import { ContentType } from "../../src/domain/shared/BlobStore.ts"
import { Transaction } from "../../src/domain/shared/Transaction.ts"
import type { FriendshipRepository } from "../../src/domain/talk/FriendshipRepository.ts"
import { type Media, MediaId, MediaNotFound } from "../../src/domain/talk/Media.ts"
import { MediaRepository } from "../../src/domain/talk/MediaRepository.ts"
import { MessageRepository } from "../../src/domain/talk/MessageRepository.ts"
import { someFriends, someMedia, somePerson, unknownAccount } from "./Fixtures.ts"

type Ports = AccountRepository | FriendshipRepository | MessageRepository | MediaRepository | Transaction

class Regret extends Data.TaggedError("Regret")<{}> {}

const now = DateTime.makeUnsafe("2026-03-01T12:00:00.123Z")

/** Every MediaRepository must pass this together with the messages of its store, whatever that is. */
export const mediaContract = <E>(name: string, adapter: Layer.Layer<Ports, E>) =>
  layer(adapter, { excludeTestServices: true })(`MediaRepository: ${name}`, (it) => {
    const find = (reader: AccountId, id: MediaId) => MediaRepository.use((media) => media.findVisible(reader, id))
    const keep = (uploader: AccountId, id: MediaId) => MediaRepository.use((media) => media.keepSent(uploader, id))
    const isThere = ({ id, uploader }: Media) => Effect.isSuccess(find(uploader, id))
    /** Whose time is over, of these alone: the tests of a suite share a store. */
    const expire = Effect.fnUntraced(function* (before: DateTime.Utc) {
      const media = yield* MediaRepository
      const gone = yield* media.deleteUnsent(before, 1000)
      return gone.map(({ id }) => id)
    })
    const send = Effect.fnUntraced(function* (
      { contentType: mediaType, id, kind, uploader }: Media,
      receiver: AccountId
    ) {
      const messages = yield* MessageRepository
      yield* keep(uploader, id)
      const content = { _tag: "Media", kind, mediaId: id, mediaType, text: null } as const
      yield* messages.insert({ sender: uploader, receiver, content, clientMessageId: null }, now)
    })

    it.effect("keeps everything of a clip", () =>
      Effect.gen(function* () {
        const { id: uploader } = yield* somePerson
        const more = {
          kind: "video",
          contentType: ContentType.make("video/mp4"),
          size: 100 * 1024 * 1024,
          duration: Duration.millis(3_600_123)
        } as const
        for (const fields of [more, {}]) {
          const media = yield* someMedia(uploader, now, fields)
          assert.deepInclude({ ...media }, { uploader, createdAt: now, ...fields })
          assert.deepStrictEqual(yield* find(uploader, media.id), media)
        }
      })
    )

    it.effect("shows it to its uploader, and to whom it was sent", () =>
      Effect.gen(function* () {
        const [ada, bob] = yield* someFriends
        const { id: stranger } = yield* somePerson
        const media = yield* someMedia(ada.id, now)
        const hidden = new MediaNotFound()
        for (const reader of [bob.id, stranger]) {
          assert.deepStrictEqual(yield* Effect.flip(find(reader, media.id)), hidden)
        }
        yield* send(media, bob.id)
        for (const reader of [ada.id, bob.id]) assert.deepStrictEqual(yield* find(reader, media.id), media)
        assert.deepStrictEqual(yield* Effect.flip(find(stranger, media.id)), hidden)
        const other = yield* someMedia(ada.id, now)
        assert.deepStrictEqual(yield* Effect.flip(find(bob.id, other.id)), hidden)
        assert.deepStrictEqual(yield* Effect.flip(find(ada.id, MediaId.make(2 ** 40))), hidden)
      })
    )

    it.effect("lets nobody but its uploader send it, as often as they like", () =>
      Effect.gen(function* () {
        const [ada, bob] = yield* someFriends
        const media = yield* someMedia(ada.id, now)
        yield* send(media, bob.id)
        assert.deepStrictEqual(yield* Effect.flip(keep(bob.id, media.id)), new MediaNotFound())
        assert.deepStrictEqual(yield* keep(ada.id, media.id), media)
        assert.deepStrictEqual(yield* Effect.flip(keep(ada.id, MediaId.make(2 ** 40))), new MediaNotFound())
      })
    )

    it.effect("counts what an account has not sent since a time, and nobody else's", () =>
      Effect.gen(function* () {
        const { countUnsent } = yield* MediaRepository
        const [ada, bob] = yield* someFriends
        assert.strictEqual(yield* countUnsent(ada.id, now), 0)
        for (const seconds of [-1, 0, 1]) yield* someMedia(ada.id, DateTime.add(now, { seconds }))
        yield* send(yield* someMedia(ada.id, now), bob.id)
        yield* someMedia(bob.id, now)
        assert.deepStrictEqual([yield* countUnsent(ada.id, now), yield* countUnsent(bob.id, now)], [2, 1])
        assert.strictEqual(yield* countUnsent(ada.id, DateTime.subtract(now, { days: 1 })), 3)
      })
    )

    it.effect("removes what was not sent in time, the oldest first, so many at once", () =>
      Effect.gen(function* () {
        const repository = yield* MediaRepository
        yield* expire(now)
        const [ada, bob] = yield* someFriends
        const made = (minutes: number) => someMedia(ada.id, DateTime.subtract(now, { minutes }))
        const [younger, oldest, sent, middle, edge] = [
          yield* made(1),
          yield* made(4),
          yield* made(5),
          yield* made(3),
          yield* made(0)
        ]
        yield* send(sent, bob.id)
        assert.deepStrictEqual(yield* repository.deleteUnsent(now, 2), [oldest, middle])
        assert.deepStrictEqual(yield* repository.deleteUnsent(now, 2), [younger])
        assert.deepStrictEqual(yield* repository.deleteUnsent(now, 2), [])
        for (const media of [younger, oldest, middle]) assert.isFalse(yield* isThere(media))
        for (const media of [sent, edge]) assert.isTrue(yield* isThere(media))
      })
    )

    it.effect("removes what was sent in a transaction that was taken back", () =>
      Effect.gen(function* () {
        const { atomic } = yield* Transaction
        const [ada, bob] = yield* someFriends
        const media = yield* someMedia(ada.id, DateTime.subtract(now, { days: 1 }))
        yield* Effect.flip(atomic(Effect.andThen(send(media, bob.id), Effect.fail(new Regret()))))
        assert.deepStrictEqual(yield* expire(now), [media.id])
      })
    )

    it.effect("either sends a clip or removes it", () =>
      Effect.gen(function* () {
        const { atomic } = yield* Transaction
        const [ada, bob] = yield* someFriends
        const outcomes: Array<string> = []
        for (let round = 0; round < 20; round++) {
          const media = yield* someMedia(ada.id, DateTime.subtract(now, { days: 1 }))
          const sending = Effect.delay(Effect.exit(atomic(send(media, bob.id))), Duration.millis(Math.random() * 3))
          const [sent, gone] = yield* Effect.all([sending, expire(now)], { concurrency: "unbounded" })
          assert.strictEqual(Exit.isSuccess(sent), !gone.includes(media.id))
          assert.strictEqual(yield* isThere(media), Exit.isSuccess(sent))
          outcomes.push(sent._tag)
        }
        assert.isNotEmpty(outcomes)
      })
    )

    it.effect("removes each clip once, however many clear away at once", () =>
      Effect.gen(function* () {
        const { id } = yield* somePerson
        const made = yield* Effect.replicateEffect(someMedia(id, DateTime.subtract(now, { days: 1 })), 10)
        const repository = yield* MediaRepository
        const clearing = Array.from({ length: 5 }, () => repository.deleteUnsent(now, 4))
        const first = yield* Effect.all(clearing, { concurrency: "unbounded" })
        const gone = [...first.flat().map((media) => media.id), ...(yield* expire(now))]
        assert.sameMembers(
          gone,
          made.map((media) => media.id)
        )
        assert.lengthOf(gone, 10)
      })
    )

    it.effect("takes none of nobody", () =>
      Effect.gen(function* () {
        assert.isTrue(Exit.hasDies(yield* Effect.exit(someMedia(unknownAccount, now))))
      })
    )
  })
