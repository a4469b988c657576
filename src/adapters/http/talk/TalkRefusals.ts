import { Effect } from "effect"
import { BadRequest, NotFound, Unauthorized } from "./TalkErrors.ts"

// What is said wherever the same thing is wrong.

export const invalidToken = () => Unauthorized.of("Invalid or missing token")

export const noPhoneNumber = () =>
  BadRequest.of("This account has no phone number: sign up with one, and show this token there")

export const noMedia = () => NotFound.of("Media content not found")

/** For every use case of talk: who has no number can't be known to others. */
export const withoutNumber = { NoPhoneNumber: () => Effect.fail(noPhoneNumber()) }

/** For use cases about somebody in one's list. */
export const withoutFriend = (message: string) => ({ FriendNotFound: () => Effect.fail(NotFound.of(message)) })
