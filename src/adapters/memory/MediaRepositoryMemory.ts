import { DateTime, Effect, HashMap, Layer, Option, Result } from "effect"
import type { AccountId } from "../../domain/accounts/Account.ts"
import { Media, MediaId, MediaNotFound } from "../../domain/talk/Media.ts"
import { MediaRepository } from "../../domain/talk/MediaRepository.ts"
import { KeyViolation, MemoryWorld } from "./MemoryWorld.ts"
import type { World } from "./World.ts"

const carriersOf = ({ messages }: World, id: MediaId) =>
  HashMap.toValues(messages).flatMap(({ message }) =>
    message.content._tag === "Media" && message.content.mediaId === id ? [message] : []
  )

const find = (world: World, id: MediaId, isTheirs: (media: Media) => boolean): Result.Result<Media, MediaNotFound> =>
  HashMap.get(world.media, id).pipe(
    Option.map(({ media }) => media),
    Option.filter(isTheirs),
    Result.fromOption(() => new MediaNotFound())
  )

const isVisible = (world: World, reader: AccountId) => (media: Media) =>
  media.uploader === reader || carriersOf(world, media.id).some(({ receiver }) => receiver === reader)

export const MediaRepositoryMemory = Layer.effect(
  MediaRepository,
  Effect.gen(function* () {
    const world = yield* MemoryWorld

    return MediaRepository.of({
      insert: (fields, createdAt) =>
        Effect.orDie(
          world.change((before) => {
            if (!HashMap.has(before.accounts, fields.uploader)) {
              return Result.fail(new KeyViolation({ key: "media.account_id" }))
            }
            const media = new Media({ ...fields, id: MediaId.make(world.nextId("media")), createdAt })
            return Result.succeed([
              media,
              { ...before, media: HashMap.set(before.media, media.id, { media, sent: false }) }
            ])
          })
        ),

      findVisible: (reader, id) =>
        Effect.flatMap(
          world.read((now) => find(now, id, isVisible(now, reader))),
          Effect.fromResult
        ),

      keepSent: (uploader, id) =>
        world.change((before) =>
          Result.map(
            find(before, id, (media) => media.uploader === uploader),
            (media) => [media, { ...before, media: HashMap.set(before.media, id, { media, sent: true }) }]
          )
        ),

      countUnsent: (uploader, since) =>
        world.read(
          (now) =>
            HashMap.toValues(now.media).filter(
              ({ media, sent }) =>
                !sent && media.uploader === uploader && DateTime.isGreaterThanOrEqualTo(media.createdAt, since)
            ).length
        ),

      deleteUnsent: (moment, limit) =>
        world.change((before) => {
          const unsent = HashMap.toValues(before.media)
            .filter(({ media, sent }) => !sent && DateTime.isLessThan(media.createdAt, moment))
            .map(({ media }) => media)
            .toSorted((one, other) => DateTime.Order(one.createdAt, other.createdAt))
            .slice(0, limit)
          const ids = unsent.map(({ id }) => id)
          return Result.succeed([unsent, { ...before, media: HashMap.removeMany(before.media, ids) }])
        })
    })
  })
)
