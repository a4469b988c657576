import { Effect, Layer, Option, type Stream } from "effect"
import { Conversations, type SendRequest } from "../../../src/application/talk/Conversations.ts"
import { Friends } from "../../../src/application/talk/Friends.ts"
import { MediaLibrary } from "../../../src/application/talk/MediaLibrary.ts"
import { PhoneHolders } from "../../../src/application/talk/PhoneHolders.ts"
import type { AccountId } from "../../../src/domain/accounts/Account.ts"
import { NotificationLog } from "../../../src/domain/notifications/NotificationLog.ts"
import type { PhoneDigits } from "../../../src/domain/shared/PhoneNumber.ts"
import { namedMedia } from "../../../src/domain/talk/MediaFormat.ts"
import { ClientMessageId, type Message, MessageText, type Sendable } from "../../../src/domain/talk/Message.ts"

/** What people do with each other, on ports, without whatever else there is. */
export const talkOn = <A, E>(ports: Layer.Layer<A, E>) =>
  Layer.mergeAll(Friends.layer, Conversations.layer, MediaLibrary.layer).pipe(
    Layer.provideMerge(PhoneHolders.layer),
    Layer.provideMerge(ports)
  )

export interface Person {
  readonly id: AccountId
  readonly phoneNumber: PhoneDigits
}

export const text = (words: string): Sendable => ({ _tag: "Text", text: MessageText.make(words) })

export const send = (
  from: Pick<Person, "id">,
  to: Pick<Person, "phoneNumber">,
  content: Sendable = text("hello"),
  clientMessageId?: string
) => {
  const request: SendRequest = {
    phone: to.phoneNumber,
    content,
    clientMessageId: clientMessageId === undefined ? undefined : ClientMessageId.make(clientMessageId)
  }
  return Conversations.use((conversations) =>
    Effect.map(conversations.send(from.id, request), ({ message }) => message)
  )
}

export const listed = (owner: Person, other: Pick<Person, "phoneNumber">, count?: number) =>
  Conversations.use((conversations) => conversations.list(owner.id, other.phoneNumber, { count }))

export const read = (reader: Person, ...messages: ReadonlyArray<Pick<Message, "id">>) =>
  Conversations.use((conversations) =>
    conversations.read(
      reader.id,
      messages.map(({ id }) => id)
    )
  )

/** How many messages of the other one has not seen. */
export const unread = (owner: Person, other: Person) =>
  Friends.use((friends) => friends.find(owner.id, other.phoneNumber)).pipe(
    Effect.map((friend) => Option.getOrThrow(friend).unreadMessages)
  )

/** Whose messages somebody has been told of, all of it. */
export const toldOf = Effect.fnUntraced(function* ({ id }: Person) {
  const log = yield* NotificationLog
  const entries = yield* Effect.orDie(log.listAfter(id, 0, 10_000))
  return entries.flatMap(({ notification }) => (notification._tag === "MessagesUpdated" ? [notification.with] : []))
})

export const upload = <E, R>(uploader: Pick<Person, "id">, name: string, file: Stream.Stream<Uint8Array, E, R>) =>
  MediaLibrary.use((library) => library.upload(uploader.id, namedMedia(name) ?? { kind: "audio" }, file))
