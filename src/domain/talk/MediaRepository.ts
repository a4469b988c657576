import { Context, type DateTime, type Effect } from "effect"
import type { AccountId } from "../accounts/Account.ts"
import type { Media, MediaId, MediaNotFound } from "./Media.ts"

export type NewMedia = Omit<typeof Media.Type, "id" | "createdAt">

export class MediaRepository extends Context.Service<
  MediaRepository,
  {
    insert(media: NewMedia, now: DateTime.Utc): Effect.Effect<Media>
    /** One that `reader` may see: its uploader, and the two sides of a message that carries it. */
    findVisible(reader: AccountId, id: MediaId): Effect.Effect<Media, MediaNotFound>
    /** One that `uploader` uploaded is kept from now on, in the transaction of the message that carries it. */
    keepSent(uploader: AccountId, id: MediaId): Effect.Effect<Media, MediaNotFound>
    /** How many of an account's own, made at or after `since`, were not sent. */
    countUnsent(uploader: AccountId, since: DateTime.Utc): Effect.Effect<number>
    /** Removes those made before `before` that were not sent, at most `limit`. The removal of their blobs is the caller's. */
    deleteUnsent(before: DateTime.Utc, limit: number): Effect.Effect<ReadonlyArray<Media>>
  }
>()("rookery/domain/talk/MediaRepository") {}
