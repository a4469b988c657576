import { Effect, Layer } from "effect"
import { DevOutbox, type UnsentMessage } from "../../domain/shared/DevOutbox.ts"

/** More than anybody reads, and little enough to keep. */
export const mostMessages = 1000

const recipientKey = (to: string) => to.trim().toLowerCase().replace(/^\+/, "")

/** Keeps the latest 1000 messages for as long as the process lives. */
export const DevOutboxInProcess = Layer.sync(DevOutbox, () => {
  let messages: ReadonlyArray<UnsentMessage> = []
  return DevOutbox.of({
    add: (message) =>
      Effect.sync(() => {
        messages = [message, ...messages].slice(0, mostMessages)
      }),
    list: (to) =>
      Effect.sync(() => {
        if (to === undefined) return messages
        const key = recipientKey(to)
        return messages.filter((message) => recipientKey(message.to) === key)
      })
  })
})
