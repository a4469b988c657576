import { assert, layer } from "@effect/vitest"
import { DateTime, Effect, type Layer } from "effect"
import type { AccountId } from "../../src/domain/accounts/Account.ts"
import { AccountRepository } from "../../src/domain/accounts/AccountRepository.ts"
import type { Outbox } from "../../src/domain/events/Outbox.ts"
import { NotificationLog } from "../../src/domain/notifications/NotificationLog.ts"
import { Transaction } from "../../src/domain/shared/Transaction.ts"
import { FriendshipRepository } from "../../src/domain/talk/FriendshipRepository.ts"
import type { Media } from "../../src/domain/talk/Media.ts"
import { MediaRepository } from "../../src/domain/talk/MediaRepository.ts"
import { MessageText } from "../../src/domain/talk/Message.ts"
import { MessageRepository } from "../../src/domain/talk/MessageRepository.ts"
import { together } from "./AtOnce.ts"
import { arrivals, someFriends, someMedia } from "./Fixtures.ts"

type Ports =
  | AccountRepository
  | FriendshipRepository
  | MessageRepository
  | MediaRepository
  | NotificationLog
  | Outbox
  | Transaction

const now = DateTime.makeUnsafe("2026-03-01T12:00:00.123Z")
const hello = { _tag: "Text", text: MessageText.make("hello") } as const

/** What every AccountRepository must make of a deletion, together with the repositories of messages and clips. */
export const talkDeletionContract = <E>(name: string, adapter: Layer.Layer<Ports, E>) =>
  layer(adapter, { excludeTestServices: true })(`AccountRepository, deletion of who talks: ${name}`, (it) => {
    const remove = (id: AccountId) => AccountRepository.use((accounts) => accounts.delete(id))
    const listed = (one: AccountId, other: AccountId) =>
      MessageRepository.use((messages) => messages.list(one, other, 100, undefined))
    const expire = (before = now) =>
      MediaRepository.use((media) => media.deleteUnsent(before, 1000)).pipe(
        Effect.map((gone) => gone.map(({ id }) => id))
      )
    const isThere = ({ id, uploader }: Media) =>
      MediaRepository.use((media) => media.findVisible(uploader, id)).pipe(Effect.isSuccess)
    /** As the use case does it. */
    const send = Effect.fnUntraced(function* (sender: AccountId, receiver: AccountId, clip?: Media) {
      const [friendships, messages, log] = [
        yield* FriendshipRepository,
        yield* MessageRepository,
        yield* NotificationLog
      ]
      const { atomic } = yield* Transaction
      const carried = Effect.gen(function* () {
        if (clip === undefined) return hello
        const { contentType, id, kind } = yield* MediaRepository.use((media) => media.keepSent(sender, clip.id))
        return { _tag: "Media", kind, mediaId: id, mediaType: contentType, text: null } as const
      })
      yield* friendships.lockPair(sender, receiver).pipe(
        Effect.andThen(carried),
        Effect.flatMap((content) => messages.insert({ sender, receiver, content, clientMessageId: null }, now)),
        Effect.andThen(log.append([{ to: receiver, notification: { _tag: "MessagesUpdated", with: sender } }])),
        atomic
      )
    })

    it.effect("takes their conversations along, and nobody else's", () =>
      Effect.gen(function* () {
        const [ada, bob] = yield* someFriends
        const [cleo, dora] = yield* someFriends
        yield* send(ada.id, bob.id)
        yield* send(bob.id, ada.id)
        yield* send(cleo.id, dora.id)
        yield* remove(ada.id)
        assert.deepStrictEqual(yield* listed(bob.id, ada.id), [])
        assert.lengthOf(yield* listed(cleo.id, dora.id), 1)
      })
    )

    it.effect("takes their clips along, sent or not, and has the blobs removed", () =>
      Effect.gen(function* () {
        const [ada, bob] = yield* someFriends
        const [sent, unsent] = [yield* someMedia(ada.id, now), yield* someMedia(ada.id, now)]
        const other = yield* someMedia(bob.id, now)
        yield* send(ada.id, bob.id, sent)
        yield* arrivals("blobs")
        yield* remove(ada.id)
        const told = yield* arrivals("blobs")
        assert.sameDeepMembers(
          told.map(({ data, subject, type }) => ({ data, subject, type })),
          [sent, unsent].map(({ blobKey: key }) => ({
            data: { key },
            subject: `blobs/${key}`,
            type: "rookery.blobs.removed"
          }))
        )
        for (const clip of [sent, unsent]) assert.isFalse(yield* isThere(clip))
        assert.isTrue(yield* isThere(other))
      })
    )

    it.effect("leaves clips of others to go that were sent to nobody else", () =>
      Effect.gen(function* () {
        const [friendships, { atomic }] = [yield* FriendshipRepository, yield* Transaction]
        const [ada, bob] = yield* someFriends
        const [cleo] = yield* someFriends
        const side = { stance: "asked", touched: true } as const
        yield* friendships
          .lockPair(bob.id, cleo.id)
          .pipe(Effect.andThen(friendships.savePair(bob.id, cleo.id, { mine: side, theirs: side }, now)), atomic)
        const [alone, both] = [yield* someMedia(bob.id, now), yield* someMedia(bob.id, now)]
        yield* send(bob.id, ada.id, alone)
        yield* send(bob.id, ada.id, both)
        yield* send(bob.id, cleo.id, both)
        const later = DateTime.add(now, { days: 1 })
        yield* expire(later)
        yield* remove(ada.id)
        for (const clip of [alone, both]) assert.isTrue(yield* isThere(clip))
        assert.deepStrictEqual(yield* expire(now), [])
        assert.deepStrictEqual(yield* expire(later), [alone.id])
        yield* remove(cleo.id)
        assert.deepStrictEqual(yield* expire(later), [both.id])
      })
    )

    it.effect("waits for nobody for good, whoever writes to them or leaves too, and leaves nothing behind", () =>
      Effect.gen(function* () {
        const messages = yield* MessageRepository
        const [friendships, { atomic }] = [yield* FriendshipRepository, yield* Transaction]
        const reads = (reader: AccountId, sender: AccountId) =>
          friendships
            .lockPair(reader, sender)
            .pipe(
              Effect.andThen(messages.seeTexts(reader, sender)),
              atomic,
              Effect.andThen(messages.deliverNext(reader, 0))
            )
        for (let round = 0; round < 8; round++) {
          const [ada, bob] = yield* someFriends
          const clips = [yield* someMedia(ada.id, now), yield* someMedia(bob.id, now)]
          yield* arrivals("blobs")
          const work = [
            send(ada.id, bob.id),
            send(bob.id, ada.id, clips[1]),
            reads(ada.id, bob.id),
            send(ada.id, bob.id, clips[0]),
            reads(bob.id, ada.id),
            send(bob.id, ada.id)
          ].map((one) => Effect.match(one, { onSuccess: () => "done", onFailure: ({ _tag }) => _tag }))
          const leaving = round % 2 === 0 ? [ada] : [ada, bob]
          const leaves = leaving.map(({ id }) => Effect.as(remove(id), "done"))
          const outcomes = yield* Effect.all([...work, ...leaves, ...work], together)
          assert.includeMembers(["done", "AccountNotFound", "MediaNotFound"], outcomes)
          assert.deepStrictEqual(yield* listed(ada.id, bob.id), [])
          const gone = new Set(leaving.map(({ id }) => id))
          for (const clip of clips) assert.strictEqual(yield* isThere(clip), !gone.has(clip.uploader))
          assert.lengthOf(yield* arrivals("blobs"), leaving.length)
        }
      })
    )
  })
