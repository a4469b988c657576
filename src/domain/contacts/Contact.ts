import { Schema } from "effect"
import { AccountId } from "../accounts/Account.ts"
import { EmailAddress } from "../shared/EmailAddress.ts"
import { PhoneNumber } from "../shared/PhoneNumber.ts"
import { NonBlankText, Text } from "../shared/Text.ts"
import { Birthday } from "./Birthday.ts"

export const ContactId = Schema.Int.check(Schema.isGreaterThan(0)).pipe(Schema.brand("ContactId"))
export type ContactId = typeof ContactId.Type

/** What a person may write of a contact. */
export const ContactFields = Schema.Struct({
  firstName: NonBlankText(255),
  lastName: Schema.NullOr(Text(255)),
  email: Schema.NullOr(EmailAddress),
  phone: Schema.NullOr(PhoneNumber),
  company: Schema.NullOr(Text(255)),
  title: Schema.NullOr(Text(255)),
  birthday: Schema.NullOr(Birthday),
  notes: Schema.NullOr(Text(10_000))
})
export type ContactFields = typeof ContactFields.Type

export class Contact extends Schema.Class<Contact>("Contact")({
  id: ContactId,
  accountId: AccountId,
  ...ContactFields.fields,
  createdAt: Schema.DateTimeUtc,
  updatedAt: Schema.DateTimeUtc
}) {}

/** No such contact, or somebody else's: nobody can tell which. */
export class ContactNotFound extends Schema.TaggedError<ContactNotFound>()("ContactNotFound", { id: ContactId }) {}
