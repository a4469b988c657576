import { Context, DateTime, Duration, Effect, Layer, Schema, type Scope, Semaphore, Stream } from "effect"
import { SecureRandom } from "effect/crypto"
import { Account, type AccountId, type AccountNotFound, AvatarId } from "../../domain/accounts/Account.ts"
import { AccountRepository } from "../../domain/accounts/AccountRepository.ts"
import { avatarContentType, AvatarImages, avatarKey, type AvatarRefused } from "../../domain/accounts/AvatarImages.ts"
import { OutboxSignal } from "../../domain/events/OutboxSignal.ts"
import { BlobRemovals } from "../../domain/shared/BlobRemovals.ts"
import { type BlobNotFound, BlobStore, BlobStoreUnavailable, type OpenBlob } from "../../domain/shared/BlobStore.ts"
import { Transaction } from "../../domain/shared/Transaction.ts"

export class AvatarTooLarge extends Schema.TaggedError<AvatarTooLarge>()("AvatarTooLarge", {
  /** In bytes. */
  most: Schema.Int
}) {}

/** The picture was removed while it was stored. */
class PictureRemoved extends Schema.TaggedError<PictureRemoved>()("PictureRemoved", {}) {}

const mostBytes = 5 * 1024 * 1024

/** Of which each has a whole file in memory; others wait, and so do their senders. */
const uploadsAtOnce = 16

/** For storing a picture and naming it, with all that may hold it up. */
const grace = Duration.hours(1)

const hexadecimal = Schema.encodeSync(Schema.Uint8ArrayFromHex)

/** The whole file, or no more of it than it takes to see that it is too large. */
const readWhole = Effect.fnUntraced(function* <E, R>(file: Stream.Stream<Uint8Array, E, R>) {
  // Of memory that nothing was written to, the system spends none.
  const bytes = new Uint8Array(mostBytes)
  let length = 0
  yield* Stream.runForEach(file, (chunk) => {
    if (length + chunk.length > mostBytes) return Effect.fail(new AvatarTooLarge({ most: mostBytes }))
    bytes.set(chunk, length)
    length += chunk.length
    return Effect.void
  })
  return bytes.subarray(0, length)
})

/** Pictures of accounts: squares of at most 512 pixels without metadata, whatever was sent. */
export class Avatars extends Context.Service<
  Avatars,
  {
    /** Takes the place of the picture before, which is removed. Reads no further than 5 MiB. */
    replace<E, R>(
      id: AccountId,
      file: Stream.Stream<Uint8Array, E, R>
    ): Effect.Effect<Account, E | AvatarRefused | AvatarTooLarge | AccountNotFound | BlobStoreUnavailable, R>
    /** Opens it until the scope closes. Who knows its id may see it. */
    open(avatar: AvatarId): Effect.Effect<OpenBlob, BlobNotFound | BlobStoreUnavailable, Scope.Scope>
  }
>()("rookery/application/accounts/Avatars") {
  static readonly layer = Layer.effect(
    Avatars,
    Effect.gen(function* () {
      const accounts = yield* AccountRepository
      const images = yield* AvatarImages
      const blobs = yield* BlobStore
      const removals = yield* BlobRemovals
      const random = yield* SecureRandom.SecureRandom
      const signal = yield* OutboxSignal
      const { afterCommit, atomic } = yield* Transaction
      const uploads = yield* Semaphore.make(uploadsAtOnce)

      /** From here on the account keeps the picture, and no longer the one before. */
      const name = Effect.fnUntraced(function* (id: AccountId, avatarId: AvatarId) {
        const account = yield* accounts.findByIdForUpdate(id)
        const saved = yield* accounts.save(new Account({ ...account, avatarId }), yield* DateTime.now)
        if (!(yield* removals.cancel(avatarKey(avatarId)))) return yield* new PictureRemoved()
        if (account.avatarId !== null) {
          yield* removals.schedule(avatarKey(account.avatarId), Duration.zero)
          yield* afterCommit(signal.notify)
        }
        return saved
      }, atomic)

      /** Whatever ends this before the picture has a name, the picture goes when its time has come. */
      const store = Effect.fnUntraced(
        function* (id: AccountId, picture: Uint8Array) {
          const avatarId = AvatarId.make(hexadecimal(yield* random.randomBytes(16)))
          const key = avatarKey(avatarId)
          yield* removals.schedule(key, grace)
          yield* blobs.put(key, Stream.succeed(picture), { contentType: avatarContentType })
          // It may have been removed before it was stored.
          const again = Effect.andThen(removals.schedule(key, Duration.zero), signal.notify)
          return yield* Effect.tapErrorTag(name(id, avatarId), "PictureRemoved", () => again)
        },
        Effect.retry({ times: 2, while: (error) => error._tag === "PictureRemoved" }),
        Effect.catchTags({
          PictureRemoved: () => Effect.fail(new BlobStoreUnavailable({ reason: "storing took longer than an hour" })),
          // No length was announced, and the address is the account's own.
          BlobLengthMismatch: Effect.die,
          EmailTaken: Effect.die
        })
      )

      const replace = Effect.fn("Avatars.replace")(function* <E, R>(
        id: AccountId,
        file: Stream.Stream<Uint8Array, E, R>
      ) {
        const picture = yield* uploads.withPermit(Effect.flatMap(readWhole(file), images.square))
        return yield* store(id, picture)
      })

      const open = Effect.fn("Avatars.open")(
        (avatar: AvatarId) => blobs.get(avatarKey(avatar)),
        // Nobody asked for a range.
        Effect.catchTag("BlobRangeUnsatisfiable", Effect.die)
      )

      return Avatars.of({ replace, open })
    })
  )
}
