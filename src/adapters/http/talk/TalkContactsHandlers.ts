import { Effect, Option } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Friends } from "../../../application/talk/Friends.ts"
import type { AccountId } from "../../../domain/accounts/Account.ts"
import { phoneDigits } from "../../../domain/shared/PhoneNumber.ts"
import { DisplayName, type Friend } from "../../../domain/talk/Friend.ts"
import type { AlreadyAsked, FriendStatus } from "../../../domain/talk/Friendship.ts"
import { CurrentSession } from "../Authorization.ts"
import { refuse } from "../LimitedRoutes.ts"
import { TalkApi } from "./TalkApi.ts"
import type { FriendRequest, TalkContact } from "./TalkContactSchemas.ts"
import { BadRequest, Conflict, NotFound } from "./TalkErrors.ts"
import { withoutFriend, withoutNumber } from "./TalkRefusals.ts"

const toWire = (friend: Friend): TalkContact => ({
  phone_number: friend.phoneNumber,
  display_name: friend.displayName,
  status: friend.status,
  last_touch_at: friend.lastTouchAt,
  unread_messages: friend.unreadMessages
})

const listOf = (friends: Iterable<Friend>) => ({ success: true, contacts: Array.from(friends, toWire) }) as const

const asked: Partial<Record<FriendStatus, string>> = {
  accepted: "You are friends already",
  blocked: "This contact has deleted you"
}

const alreadyAsked = ({ status }: AlreadyAsked) => Conflict.of(asked[status] ?? "Friend request already sent")

export const TalkContactsHandlers = HttpApiBuilder.group(
  TalkApi,
  "contacts",
  Effect.fn(function* (handlers) {
    const friends = yield* Friends

    const list = (owner: AccountId) => Effect.map(friends.list(owner), listOf)

    /** Changes one of the list, and answers with all of it. */
    const changing = <E, R>(change: (owner: AccountId) => Effect.Effect<void, E, R>) =>
      CurrentSession.use(({ accountId }) => Effect.andThen(change(accountId), list(accountId)))

    const request = ({ payload: { display_name, phone_number } }: { readonly payload: typeof FriendRequest.Type }) =>
      changing((owner) => friends.request(owner, phoneDigits(phone_number), display_name ?? undefined)).pipe(
        Effect.catchTags({
          ...withoutNumber,
          AskedOneself: () => Effect.fail(BadRequest.of("phone_number must not be your own")),
          PersonNotFound: () => Effect.fail(NotFound.of("User not found")),
          AlreadyAsked: (error) => Effect.fail(alreadyAsked(error)),
          RateLimitExceeded: refuse
        })
      )

    return handlers.handleAll({
      listFriends: () => CurrentSession.use(({ accountId }) => list(accountId)).pipe(Effect.catchTags(withoutNumber)),
      findFriend: ({ params }) =>
        CurrentSession.use(({ accountId }) => friends.find(accountId, phoneDigits(params.phone_number))).pipe(
          Effect.map((found) => listOf(Option.toArray(found))),
          Effect.catchTags(withoutNumber)
        ),
      requestFriend: request,
      requestFriendByPost: request,
      acceptFriend: ({ payload }) =>
        changing((owner) => friends.accept(owner, phoneDigits(payload.phone_number))).pipe(
          Effect.catchTags({ ...withoutNumber, ...withoutFriend("Friend request not found") })
        ),
      deleteFriend: ({ payload }) =>
        changing((owner) => friends.remove(owner, phoneDigits(payload.phone_number))).pipe(
          Effect.catchTags({ ...withoutNumber, ...withoutFriend("Friend not found") })
        ),
      renameFriend: ({ payload }) =>
        changing((owner) =>
          friends.rename(owner, phoneDigits(payload.phone_number), payload.display_name ?? DisplayName.make(""))
        ).pipe(Effect.catchTags({ ...withoutNumber, ...withoutFriend("Contact not found") }))
    })
  })
)
