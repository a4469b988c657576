import { Layer } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { ClassicApi } from "./adapters/http/classic/ClassicApi.ts"
import { ClassicAuthHandlers } from "./adapters/http/classic/ClassicAuthHandlers.ts"
import { ClassicContactsHandlers } from "./adapters/http/classic/ClassicContactsHandlers.ts"
import { ClassicMiddlewareLive } from "./adapters/http/classic/ClassicMiddlewareLive.ts"
import { ClassicNotesHandlers } from "./adapters/http/classic/ClassicNotesHandlers.ts"
import { DevRoutes } from "./adapters/http/DevRoutes.ts"
import { docsPaths, DocsRoutes } from "./adapters/http/docs/DocsRoutes.ts"
import { narrowed } from "./adapters/http/Narrowed.ts"
import { PublicUrl } from "./adapters/http/PublicUrl.ts"
import { type PipelineOptions, RequestPipeline } from "./adapters/http/RequestPipeline.ts"
import { routesOf, RouteTable } from "./adapters/http/RouteTable.ts"
import { systemPaths, SystemRoutes } from "./adapters/http/SystemRoutes.ts"
import { TalkApi } from "./adapters/http/talk/TalkApi.ts"
import { TalkAuthHandlers } from "./adapters/http/talk/TalkAuthHandlers.ts"
import { TalkContactsHandlers } from "./adapters/http/talk/TalkContactsHandlers.ts"
import { TalkMediaHandlers } from "./adapters/http/talk/TalkMediaHandlers.ts"
import { TalkMessagesHandlers } from "./adapters/http/talk/TalkMessagesHandlers.ts"
import { TalkMiddlewareLive } from "./adapters/http/talk/TalkMiddlewareLive.ts"
import { TalkNotifications, talkNotificationPaths } from "./adapters/http/talk/TalkNotifications.ts"
import { TalkRpcRoute, talkRpcPaths } from "./adapters/http/talk/TalkRpcRoute.ts"
import { V1Api } from "./adapters/http/v1/V1Api.ts"
import { V1AuthHandlers } from "./adapters/http/v1/V1AuthHandlers.ts"
import { V1AvatarHandlers } from "./adapters/http/v1/V1AvatarHandlers.ts"
import { V1FastPaths } from "./adapters/http/v1/V1FastPaths.ts"
import { V1ContactsHandlers } from "./adapters/http/v1/V1ContactsHandlers.ts"
import { V1MiddlewareLive } from "./adapters/http/v1/V1MiddlewareLive.ts"
import { V1NotesHandlers } from "./adapters/http/v1/V1NotesHandlers.ts"
import { V1Notifications, v1NotificationPaths } from "./adapters/http/v1/V1Notifications.ts"
import { V1PasswordsHandlers } from "./adapters/http/v1/V1PasswordsHandlers.ts"
import { V1SessionsHandlers } from "./adapters/http/v1/V1SessionsHandlers.ts"
import { V1UsersHandlers } from "./adapters/http/v1/V1UsersHandlers.ts"
import { Avatars } from "./application/accounts/Avatars.ts"
import { EmailVerification } from "./application/accounts/EmailVerification.ts"
import { PasswordReset } from "./application/accounts/PasswordReset.ts"
import { PhoneSignIn } from "./application/accounts/PhoneSignIn.ts"
import { Profile } from "./application/accounts/Profile.ts"
import { Registration } from "./application/accounts/Registration.ts"
import { Sessions } from "./application/accounts/Sessions.ts"
import { SignIn } from "./application/accounts/SignIn.ts"
import { AddressBook } from "./application/contacts/AddressBook.ts"
import { Notebook } from "./application/contacts/Notebook.ts"
import { OnceOnly } from "./application/shared/OnceOnly.ts"
import { Conversations } from "./application/talk/Conversations.ts"
import { Friends } from "./application/talk/Friends.ts"
import { MediaLibrary } from "./application/talk/MediaLibrary.ts"
import { socketChannels } from "./SocketChannels.ts"

/** Every dialect that is spoken. */
export const apis = [ClassicApi, V1Api, TalkApi] as const

const Classic = HttpApiBuilder.layer(ClassicApi).pipe(
  Layer.provide([
    narrowed(Registration, Sessions, SignIn)(ClassicAuthHandlers),
    narrowed(AddressBook)(ClassicContactsHandlers),
    narrowed(Notebook)(ClassicNotesHandlers)
  ]),
  Layer.provide(ClassicMiddlewareLive)
)

const V1 = HttpApiBuilder.layer(V1Api).pipe(
  Layer.provide([
    narrowed(EmailVerification, Registration, Sessions, SignIn)(V1AuthHandlers),
    narrowed(PasswordReset, Profile)(V1PasswordsHandlers),
    narrowed(Sessions)(V1SessionsHandlers),
    narrowed(Profile)(V1UsersHandlers),
    narrowed(Avatars, OnceOnly)(V1AvatarHandlers),
    narrowed(AddressBook)(V1ContactsHandlers),
    narrowed(Notebook)(V1NotesHandlers)
  ]),
  Layer.provide(V1MiddlewareLive)
)

const Talk = HttpApiBuilder.layer(TalkApi).pipe(
  Layer.provide([
    narrowed(PhoneSignIn)(TalkAuthHandlers),
    narrowed(Friends)(TalkContactsHandlers),
    narrowed(Conversations, Profile)(TalkMessagesHandlers),
    narrowed(MediaLibrary)(TalkMediaHandlers)
  ]),
  Layer.provide(TalkMiddlewareLive)
)

export interface RoutesOptions extends PipelineOptions {
  readonly publicUrl: string
}

/** Everything that is served. */
export const Routes = (options: RoutesOptions) =>
  Layer.mergeAll(
    Classic,
    V1,
    Talk,
    V1Notifications,
    TalkNotifications,
    TalkRpcRoute,
    SystemRoutes,
    DocsRoutes(apis, { ...options, sockets: socketChannels }),
    options.development ? DevRoutes(options) : Layer.empty
  ).pipe(
    Layer.provide(RequestPipeline(options)),
    Layer.provide(V1FastPaths),
    Layer.provide(PublicUrl.layer(options.publicUrl)),
    Layer.provide(
      RouteTable.layer([
        ...routesOf(ClassicApi),
        ...routesOf(V1Api),
        ...routesOf(TalkApi),
        ...v1NotificationPaths,
        ...talkNotificationPaths,
        ...talkRpcPaths,
        ...systemPaths,
        ...docsPaths
      ])
    )
  )
