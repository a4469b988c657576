/** How much is in the tables, and whom of them the scenarios use: apart from each other, so that none leaves its traces. */
export interface Sizes {
  readonly users: number
  /** Of each user. */
  readonly contacts: number
  /** Users whose contacts are asked for and written about. */
  readonly driven: number
  /** Users who are told of a change of their own on all their sockets. */
  readonly fanOutUsers: number
  readonly socketsOfEach: number
  /** Pairs of friends who write to each other. */
  readonly pairs: number
}

export const fullSizes: Sizes = {
  users: 1000,
  contacts: 200,
  driven: 200,
  fanOutUsers: 250,
  // As many as an account of Rookery may have.
  socketsOfEach: 20,
  pairs: 32
}

export const smokeSizes: Sizes = { users: 40, contacts: 10, driven: 8, fanOutUsers: 4, socketsOfEach: 5, pairs: 4 }

const range = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index)

export const drivenUsers = ({ driven }: Sizes) => range(1, driven)

export const fanOutUsers = ({ driven, fanOutUsers: count }: Sizes) => range(driven + 1, count)

/** Sender and receiver of each pair. The data makes a friend of each odd user and the one after. */
export const friends = ({ pairs, users }: Sizes): ReadonlyArray<readonly [sender: number, receiver: number]> =>
  range(0, pairs).map((pair) => [users - 2 * pair - 1, users - 2 * pair])
