import accounts from "./0001_accounts.ts"
import contacts from "./0002_contacts.ts"
import outbox from "./0003_outbox.ts"

/** Every migration there is, in order. One that has landed is never edited: what it got wrong, the next one mends. */
export const migrations = {
  "0001_accounts": accounts,
  "0002_contacts": contacts,
  "0003_outbox": outbox
}
