import { DateTime, Effect, type Scope } from "effect"
import type { AccountId } from "../../domain/accounts/Account.ts"
import { mostUnsent, TooManyUnsent, unsentFor } from "../../domain/talk/Media.ts"
import { MediaRepository } from "../../domain/talk/MediaRepository.ts"

/**
 * Bounds what one account keeps without sending it: whatever is under way here counts as well, so that many uploads at once
 * pass no further than one after the other. Those of other instances count once they are done.
 */
export const makeUploadPlaces = Effect.gen(function* () {
  const media = yield* MediaRepository
  const underWay = new Map<AccountId, number>()

  const change = (uploader: AccountId, by: number): number => {
    const before = underWay.get(uploader) ?? 0
    if (before + by === 0) underWay.delete(uploader)
    else underWay.set(uploader, before + by)
    return before
  }

  /** Holds a place until the scope closes. */
  const take = Effect.fnUntraced(function* (uploader: AccountId): Effect.fn.Return<void, TooManyUnsent, Scope.Scope> {
    const others = yield* Effect.acquireRelease(
      Effect.sync(() => change(uploader, 1)),
      () => Effect.sync(() => change(uploader, -1))
    )
    // Older ones are about to be removed, such as those whose conversation went with the other account.
    const since = DateTime.subtractDuration(yield* DateTime.now, unsentFor)
    const unsent = yield* media.countUnsent(uploader, since)
    if (unsent + others >= mostUnsent) return yield* new TooManyUnsent({ most: mostUnsent })
  })

  return { take }
})
