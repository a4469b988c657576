import { Effect, HashMap, Layer } from "effect"
import { StoredBlobs } from "../../../src/adapters/memory/BlobStoreMemory.ts"
import { MemoryWorld } from "../../../src/adapters/memory/MemoryWorld.ts"
import { Avatars } from "../../../src/application/accounts/Avatars.ts"
import { BlobRemoval } from "../../../src/application/shared/BlobRemoval.ts"
import type { AccountId } from "../../../src/domain/accounts/Account.ts"
import { AccountRepository } from "../../../src/domain/accounts/AccountRepository.ts"
import { avatarKey } from "../../../src/domain/accounts/AvatarImages.ts"
import { OutboxSignal } from "../../../src/domain/events/OutboxSignal.ts"
import { MemoryPorts } from "../../../src/RookeryMemory.ts"
import { blobsWith, type Step } from "../shared/KilledProcess.ts"

/** What the memory adapter takes for a JPEG; another number makes another picture. */
export const picture = (number: number, size = 100): Uint8Array => {
  const bytes = new Uint8Array(size)
  bytes.set([0xff, 0xd8, 0xff, 0xe0, number])
  return bytes
}

/** Avatars, with what removes the blobs of those that are no more. */
export const AvatarWorld = Layer.merge(Avatars.layer, BlobRemoval).pipe(Layer.provideMerge(MemoryPorts))

export const accountOf = (id: AccountId) => AccountRepository.use((accounts) => accounts.findById(id))

/** What is stored, what waits to be removed, and what should be there: the account's avatar and nothing else. */
export const blobsOf = Effect.fnUntraced(function* (id: AccountId) {
  const [stored, world] = [yield* StoredBlobs, yield* MemoryWorld]
  const { avatarId } = yield* accountOf(id)
  const entries = yield* world.read(({ outbox }) => HashMap.toValues(outbox))
  return {
    stored: [...(yield* stored.keys)].toSorted(),
    removals: entries.filter(({ entry }) => entry.destination === "blobs").map(({ entry }) => entry.subject),
    named: avatarId === null ? [] : [avatarKey(avatarId)]
  }
})

/** Avatars in a process that may be killed before any of the steps that it takes outside itself. */
export const AvatarsWith = (step: Step) => {
  const Accounts = Layer.effect(
    AccountRepository,
    AccountRepository.useSync((accounts) =>
      AccountRepository.of({
        ...accounts,
        findByIdForUpdate: (id) => step(accounts.findByIdForUpdate(id)),
        save: (account, now) => step(accounts.save(account, now))
      })
    )
  )
  const Signal = Layer.effect(
    OutboxSignal,
    OutboxSignal.useSync((signal) => OutboxSignal.of({ ...signal, notify: step(signal.notify) }))
  )
  return Layer.fresh(Avatars.layer).pipe(Layer.provide(Layer.mergeAll(blobsWith(step), Accounts, Signal)))
}
