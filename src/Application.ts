import { Layer } from "effect"
import { Registration } from "./application/accounts/Registration.ts"
import { type SessionLifetimes, Sessions } from "./application/accounts/Sessions.ts"
import { SignIn } from "./application/accounts/SignIn.ts"
import { AddressBook } from "./application/contacts/AddressBook.ts"
import { Notebook } from "./application/contacts/Notebook.ts"
import { DeadLetters } from "./application/events/DeadLetters.ts"

/** Every use case, on whatever adapters it is given. */
export const Application = (lifetimes: SessionLifetimes) =>
  Layer.mergeAll(Registration.layer, SignIn.layer, AddressBook.layer, Notebook.layer, DeadLetters.layer).pipe(
    Layer.provideMerge(Sessions.layer(lifetimes))
  )
