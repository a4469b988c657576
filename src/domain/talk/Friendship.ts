import { Result, Schema } from "effect"

/**
 * What one side makes of the other.
 *
 * - `none`: nothing yet, or it was taken back.
 * - `asked`: wants to be friends; both sides asking makes friends.
 * - `declined`: does not want the request of the other, who is not told. It outlives the other's taking it back.
 * - `deleted`: ended what was a friendship; the other is blocked.
 */
export const Stance = Schema.Literals(["none", "asked", "declined", "deleted"])
export type Stance = typeof Stance.Type

/** What a side sees. */
export const FriendStatus = Schema.Literals(["requesting", "requested", "accepted", "deleted", "blocked"])
export type FriendStatus = typeof FriendStatus.Type

export interface Stances {
  readonly mine: Stance
  readonly theirs: Stance
}

/** Undefined where there is nothing to see: the other is not in my list, nor I in theirs. */
export const statusOf = ({ mine, theirs }: Stances): FriendStatus | undefined => {
  switch (mine) {
    case "deleted":
      return "deleted"
    case "declined":
      return theirs === "asked" ? "deleted" : undefined
    case "asked":
      return theirs === "asked" ? "accepted" : theirs === "deleted" ? "blocked" : "requesting"
    case "none":
      return theirs === "asked" ? "requested" : undefined
  }
}

/** The same pair as the other side sees it. */
export const mirrored = ({ mine, theirs }: Stances): Stances => ({ mine: theirs, theirs: mine })

export const strangers: Stances = { mine: "none", theirs: "none" }

/** Asked already, friends already, or blocked. */
export class AlreadyAsked extends Schema.TaggedError<AlreadyAsked>()("AlreadyAsked", { status: FriendStatus }) {}

/** Nobody with that number is in one's list, or none who waits for an answer. */
export class FriendNotFound extends Schema.TaggedError<FriendNotFound>()("FriendNotFound", {}) {}

/** Asking somebody who asked me accepts; asking again after I ended it resumes, unless the other ended it too. */
export const ask = (pair: Stances): Result.Result<Stances, AlreadyAsked> => {
  const status = statusOf(pair)
  return pair.mine === "asked" && status !== undefined
    ? Result.fail(new AlreadyAsked({ status }))
    : Result.succeed({ ...pair, mine: "asked" })
}

/** Fails where there is no request to accept, or none that I have not declined. */
export const accept = (pair: Stances): Result.Result<Stances, FriendNotFound> =>
  statusOf(pair) === "requested" ? Result.succeed({ ...pair, mine: "asked" }) : Result.fail(new FriendNotFound())

/** Takes back a request, declines one, or ends a friendship, be it one that the other has ended. */
export const remove = (pair: Stances): Result.Result<Stances, FriendNotFound> => {
  switch (statusOf(pair)) {
    case undefined:
      return Result.fail(new FriendNotFound())
    case "requesting":
      return Result.succeed({ ...pair, mine: "none" })
    case "requested":
      return Result.succeed({ ...pair, mine: "declined" })
    case "accepted":
    case "blocked":
      return Result.succeed({ ...pair, mine: "deleted" })
    case "deleted":
      return Result.succeed(pair)
  }
}

/**
 * Which sides see another status than before. Nobody else is told of the change, nor can tell by anything that it came:
 * who was declined sees what was there before.
 */
export const seenBy = (before: Stances, after: Stances) => ({
  mine: statusOf(before) !== statusOf(after),
  theirs: statusOf(mirrored(before)) !== statusOf(mirrored(after))
})

/** Whether nothing is left to remember of the two. */
export const isForgotten = ({ mine, theirs }: Stances): boolean => mine === "none" && theirs === "none"
