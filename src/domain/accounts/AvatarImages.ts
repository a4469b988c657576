import { Context, type Effect, Schema } from "effect"
import { BlobKey, ContentType } from "../shared/BlobStore.ts"
import type { AvatarId } from "./Account.ts"

/** The longest side of an avatar, in pixels. */
export const avatarSide = 512

export const avatarContentType = ContentType.make("image/webp")

/** Where the avatar lies in the blob store. */
export const avatarKey = (id: AvatarId): BlobKey => BlobKey.make(`avatars/${id}`)

/** What was sent is none of the pictures that are taken, is damaged, or would unpack into more than anybody needs. */
export class AvatarRefused extends Schema.TaggedError<AvatarRefused>()("AvatarRefused", {
  /** Reads on from "The file". */
  reason: Schema.String
}) {}

/** Makes avatars of what people send. */
export class AvatarImages extends Context.Service<
  AvatarImages,
  {
    /**
     * The middle of a JPEG, PNG, GIF or WebP picture (of an animation, its first frame), upright, as a WebP square of at
     * most {@link avatarSide} pixels and never larger than the picture was. It holds nothing but pixels: no metadata, and
     * nothing of what the file may have been besides a picture. The format is told by the file's bytes.
     */
    square(file: Uint8Array): Effect.Effect<Uint8Array, AvatarRefused>
  }
>()("rookery/domain/accounts/AvatarImages") {}
