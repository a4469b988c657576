import accounts from "./0001_accounts.ts"
import contacts from "./0002_contacts.ts"
import outbox from "./0003_outbox.ts"
import v1 from "./0004_v1.ts"
import talk from "./0005_talk.ts"
import letters from "./0006_letters.ts"
import unsentClips from "./0007_unsent_clips.ts"

/** Every migration there is, in order. One that has landed is never edited: what it got wrong, the next one mends. */
export const migrations = {
  "0001_accounts": accounts,
  "0002_contacts": contacts,
  "0003_outbox": outbox,
  "0004_v1": v1,
  "0005_talk": talk,
  "0006_letters": letters,
  "0007_unsent_clips": unsentClips
}
