import { Effect, Layer } from "effect"
import { Avatars } from "./application/accounts/Avatars.ts"
import { EmailVerification, type EmailVerificationOptions } from "./application/accounts/EmailVerification.ts"
import type { PasscodeOptions } from "./application/accounts/Passcodes.ts"
import { PasswordReset } from "./application/accounts/PasswordReset.ts"
import { PhoneSignIn } from "./application/accounts/PhoneSignIn.ts"
import { Profile } from "./application/accounts/Profile.ts"
import { Registration } from "./application/accounts/Registration.ts"
import { Sessions } from "./application/accounts/Sessions.ts"
import type { SessionLifetimes } from "./application/accounts/SessionTokens.ts"
import { SignIn } from "./application/accounts/SignIn.ts"
import { AddressBook } from "./application/contacts/AddressBook.ts"
import { Notebook } from "./application/contacts/Notebook.ts"
import { DeadLetters } from "./application/events/DeadLetters.ts"
import { LiveNotifications } from "./application/notifications/LiveNotifications.ts"
import { OnceOnly } from "./application/shared/OnceOnly.ts"
import { Conversations } from "./application/talk/Conversations.ts"
import { Friends } from "./application/talk/Friends.ts"
import { MediaLibrary } from "./application/talk/MediaLibrary.ts"
import { PhoneHolders } from "./application/talk/PhoneHolders.ts"

export interface ApplicationOptions extends SessionLifetimes, EmailVerificationOptions, PasscodeOptions {}

/** Messages have been delivered when a client of the receiver knows of them. */
const Live = Layer.unwrap(
  Effect.map(Conversations, ({ deliveredTo }) => LiveNotifications.layer({ delivered: deliveredTo }))
)

/** Every use case, on whatever adapters it is given. */
export const Application = (options: ApplicationOptions) =>
  Layer.mergeAll(
    Registration.layer,
    SignIn.layer(options),
    PhoneSignIn.layer(options),
    EmailVerification.layer(options),
    PasswordReset.layer,
    Profile.layer,
    Avatars.layer,
    AddressBook.layer,
    Notebook.layer,
    Friends.layer,
    Live.pipe(Layer.provideMerge(Conversations.layer)),
    MediaLibrary.layer,
    DeadLetters.layer,
    OnceOnly.layer
  ).pipe(Layer.provideMerge(PhoneHolders.layer), Layer.provideMerge(Sessions.layer(options)))
