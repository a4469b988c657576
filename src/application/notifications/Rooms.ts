import type { DateTime } from "effect"
import type { AccountId } from "../../domain/accounts/Account.ts"
import type { SessionId } from "../../domain/accounts/Session.ts"
import type { NotificationId } from "../../domain/notifications/Notification.ts"
import type { Listener } from "./Listener.ts"

/** After the event with that id, or before all of them. */
export type Position = NotificationId | 0

/** A listener and how far it has come. */
export interface Member {
  readonly listener: Listener
  /** Behind the last event that it was told, or that was not for it. Undefined until it is known where it begins. */
  position: Position | undefined
  /** When its session ends, as far as is known here: others may have extended it. */
  expiresAt: DateTime.Utc
}

/** The connections that an account has on this instance, the oldest first. */
export interface Room {
  readonly accountId: AccountId
  readonly members: Set<Member>
  /** Whether somebody tells its members just now. */
  busy: boolean
  /** How often there was something new to tell. */
  wakes: number
  /** Whether somebody has been told of messages that may not be delivered yet, and whether they become so just now. */
  undelivered: boolean
  delivering: boolean
}

const emptyRoom = (accountId: AccountId): Room => ({
  accountId,
  members: new Set(),
  busy: false,
  wakes: 0,
  undelivered: false,
  delivering: false
})

/** Who is connected to this instance. Ten thousand of them are to take little memory: nothing here has a fiber. */
export class Rooms {
  readonly #rooms = new Map<AccountId, Room>()
  readonly #sessions = new Map<SessionId, Set<Member>>()

  add(listener: Listener): readonly [Room, Member] {
    const { accountId, id } = listener.session
    const room = this.#rooms.get(accountId) ?? emptyRoom(accountId)
    const member: Member = { listener, position: undefined, expiresAt: listener.session.expiresAt }
    this.#rooms.set(accountId, room)
    room.members.add(member)
    const ofSession = this.#sessions.get(id) ?? new Set()
    this.#sessions.set(id, ofSession.add(member))
    return [room, member]
  }

  /** Whether it was there. */
  remove(member: Member): boolean {
    const { accountId, id } = member.listener.session
    const room = this.#rooms.get(accountId)
    if (room?.members.delete(member) !== true) return false
    if (room.members.size === 0) this.#rooms.delete(accountId)
    const ofSession = this.#sessions.get(id)
    ofSession?.delete(member)
    if (ofSession?.size === 0) this.#sessions.delete(id)
    return true
  }

  has(member: Member): boolean {
    return this.#rooms.get(member.listener.session.accountId)?.members.has(member) ?? false
  }

  of(accountId: AccountId): Room | undefined {
    return this.#rooms.get(accountId)
  }

  memberOf(listener: Listener): Member | undefined {
    for (const member of this.#rooms.get(listener.session.accountId)?.members ?? []) {
      if (member.listener === listener) return member
    }
    return undefined
  }

  /** Whether a member of the room has not come to the newest event. */
  isBehind({ members }: Room, newest: Position): boolean {
    return [...members].some(({ position }) => position !== undefined && position !== newest)
  }

  ofSession(id: SessionId): ReadonlyArray<Member> {
    return [...(this.#sessions.get(id) ?? [])]
  }

  get accounts(): ReadonlyArray<AccountId> {
    return [...this.#rooms.keys()]
  }

  get sessions(): ReadonlyArray<SessionId> {
    return [...this.#sessions.keys()]
  }

  get members(): ReadonlyArray<Member> {
    return [...this.#rooms.values()].flatMap(({ members }) => [...members])
  }
}
