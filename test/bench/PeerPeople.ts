import { assert } from "vitest"
import type { LiveRookery } from "../e2e/Suites.ts"
import { befriend, requestFriend, signUpTalker, type Talker } from "../e2e/Talkers.ts"
import type { User } from "../support/ApiClient.ts"

export const contacts = "/api/v1/contacts"

/** Whom both servers are asked about. */
export interface People {
  readonly ada: User
  readonly eve: User
  readonly talker: Talker
  readonly friend: Talker
  readonly stranger: Talker
  /** By the talker, who has got no answer. */
  readonly asked: Talker
  /** Of Ada. */
  readonly mary: number
  /** Of Eve. */
  readonly foreign: number
}

/** Of Ada's contacts. */
export const fields = [
  { first_name: "Mary", last_name: "Somerville", birthday: "1780-12-26", company: "Royal Society", title: "Dr" },
  { first_name: "Émilie", last_name: "du Châtelet", email: "emilie@example.com", phone: "+380501234567" },
  { first_name: "Ada 100%", notes: 'Quotes "and" \\ é ☃ 🦉\nin lines' },
  { first_name: "Сергій", last_name: "Kovalenko", email: "SERGIY@example.com" }
]

export const prepare = async ({ api, query }: LiveRookery): Promise<People> => {
  const [ada, eve] = [await api.signUp(), await api.signUp()]
  for (const contact of fields) {
    const { status, text } = await api.post(contacts, contact, { token: ada.token })
    assert.strictEqual(status, 201, text)
  }
  const [talker, friend] = [await signUpTalker(api), await signUpTalker(api)]
  const [stranger, asked] = [await signUpTalker(api), await signUpTalker(api)]
  await befriend(api, talker, friend)
  await requestFriend(api, talker, asked)
  // The relay removes events soon: what was written, and by which transaction, is kept here.
  await query("CREATE TABLE written (transaction xid NOT NULL, event jsonb NOT NULL)")
  await query(`CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO written VALUES (pg_current_xact_id()::xid, to_jsonb(NEW)); RETURN NULL; END $$`)
  await query("CREATE TRIGGER keep AFTER INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION keep()")
  const [first] = (await api.get(contacts, { token: ada.token })).body as ReadonlyArray<{ id: number }>
  return { ada, eve, talker, friend, stranger, asked, mary: first?.id ?? 0, foreign: await api.contact(eve) }
}
