import { DateTime, Effect, Schema, Semaphore, Stream } from "effect"
import { HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { Avatars } from "../../../application/accounts/Avatars.ts"
import { OnceOnly } from "../../../application/shared/OnceOnly.ts"
import { AvatarId } from "../../../domain/accounts/Account.ts"
import { avatarContentType } from "../../../domain/accounts/AvatarImages.ts"
import type { BlobStoreUnavailable, OpenBlob } from "../../../domain/shared/BlobStore.ts"
import { CurrentSession } from "../Authorization.ts"
import { matchesWeakly, tagCondition } from "../EntityTag.ts"
import { PublicUrl } from "../PublicUrl.ts"
import { accountToWire } from "./V1Accounts.ts"
import { V1Api } from "./V1Api.ts"
import { collect, pictureOf, type Refusal } from "./V1AvatarFile.ts"
import { NotFound, Unavailable } from "./V1Errors.ts"
import { once } from "./V1Idempotency.ts"
import { invalidToken } from "./V1Refusals.ts"
import { tooLarge } from "./V1Upload.ts"
import { invalidField } from "./V1Validation.ts"

/** Uploads under a key, each of which has its whole file in memory: what they are told apart by comes last. */
const keyedAtOnce = 16
const mostBytes = 5 * 1024 * 1024

const avatarNotFound = () => NotFound.of("Avatar not found")

const unavailable = ({ reason }: BlobStoreUnavailable) =>
  Effect.andThen(
    Effect.logError(`The blob store is unavailable: ${reason}`),
    Effect.fail(Unavailable.of("Pictures can't be stored or fetched right now. Try again in a while."))
  )

const decodeId = Schema.decodeUnknownEffect(AvatarId)

/** An address whose picture never changes, and which nobody guesses; whatever was uploaded, it is a picture and no page. */
const pictureHeaders = ({ info }: OpenBlob) => ({
  etag: `"${info.etag}"`,
  "cache-control": "public, max-age=31536000, immutable",
  "content-security-policy": "default-src 'none'",
  "cross-origin-resource-policy": "cross-origin"
})

export const V1AvatarHandlers = HttpApiBuilder.group(
  V1Api,
  "avatars",
  Effect.fn(function* (handlers) {
    const avatars = yield* Avatars
    const { atLeast } = yield* OnceOnly
    const toWire = accountToWire(yield* PublicUrl)
    const keyed = yield* Semaphore.make(keyedAtOnce)

    const replace = Effect.fnUntraced(
      function* (picture: Stream.Stream<Uint8Array, Refusal>) {
        const { accountId } = yield* CurrentSession
        const account = toWire(yield* avatars.replace(accountId, picture))
        return HttpServerResponse.jsonUnsafe({ ...account, created_at: DateTime.formatIso(account.created_at) })
      },
      Effect.catchTags({
        AvatarRefused: ({ reason }) => Effect.fail(invalidField("file", reason)),
        AvatarTooLarge: () => Effect.fail(tooLarge()),
        AccountNotFound: () => Effect.fail(invalidToken()),
        BlobStoreUnavailable: unavailable
      })
    )

    return handlers.handleAll({
      uploadAvatar: ({ headers, payload }) => {
        const picture = pictureOf(payload)
        if (headers["idempotency-key"] === undefined) return replace(picture)
        return Effect.flatMap(collect(picture, mostBytes), (bytes) =>
          once(atLeast, bytes, replace(Stream.make(bytes)))
        ).pipe(keyed.withPermit)
      },
      showAvatar: Effect.fnUntraced(function* ({ headers, params }) {
        const id = yield* Effect.mapError(decodeId(params.avatar_id), avatarNotFound)
        const blob = yield* avatars.open(id).pipe(
          Effect.catchTags({
            BlobNotFound: () => Effect.fail(avatarNotFound()),
            BlobStoreUnavailable: unavailable
          })
        )
        const answer = pictureHeaders(blob)
        const known = tagCondition(headers["if-none-match"] ?? "") ?? []
        if (matchesWeakly(known, answer.etag)) return HttpServerResponse.empty({ status: 304, headers: answer })
        return HttpServerResponse.stream(blob.stream, {
          headers: answer,
          contentType: avatarContentType,
          contentLength: blob.info.size
        })
      })
    })
  })
)
