import { Layer } from "effect"
import { Registration, type RegistrationOptions } from "./application/accounts/Registration.ts"
import { type SessionLifetimes, Sessions } from "./application/accounts/Sessions.ts"
import { SignIn } from "./application/accounts/SignIn.ts"
import { AddressBook } from "./application/contacts/AddressBook.ts"
import { Notebook } from "./application/contacts/Notebook.ts"
import { DeadLetters } from "./application/events/DeadLetters.ts"

export interface ApplicationOptions extends SessionLifetimes, RegistrationOptions {}

/** Every use case, on whatever adapters it is given. */
export const Application = (options: ApplicationOptions) =>
  Layer.mergeAll(Registration.layer(options), SignIn.layer, AddressBook.layer, Notebook.layer, DeadLetters.layer).pipe(
    Layer.provideMerge(Sessions.layer(options))
  )
