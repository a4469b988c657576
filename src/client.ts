import { Effect, type Redacted, Schema } from "effect"
import { HttpClient, HttpClientRequest } from "effect/http"
import { HttpApiClient } from "effect/http-api"
import { ClassicApi } from "./adapters/http/classic/ClassicApi.ts"
import { TalkApi } from "./adapters/http/talk/TalkApi.ts"
import { V1Api } from "./adapters/http/v1/V1Api.ts"

// What TypeScript programs know of a Rookery server: `rookery/client`. No code of the server is in it.

// What requests are made of, checked before they are sent: `EmailAddress.make("ada@example.com")`.
export { Username } from "./domain/accounts/Account.ts"
export { Passcode } from "./domain/accounts/Passcode.ts"
export { Password } from "./domain/accounts/Password.ts"
export { Birthday } from "./domain/contacts/Birthday.ts"
export { ContactId } from "./domain/contacts/Contact.ts"
export { FullName } from "./domain/contacts/FullName.ts"
export { NoteId } from "./domain/contacts/Note.ts"
export { EmailAddress } from "./domain/shared/EmailAddress.ts"
export { PhoneNumber } from "./domain/shared/PhoneNumber.ts"
export { DisplayName } from "./domain/talk/Friend.ts"
export { MediaId } from "./domain/talk/Media.ts"
export { Caption, ClientMessageId, MessageId, MessageText } from "./domain/talk/Message.ts"

export { ClassicApi, TalkApi, V1Api }

// Calls over one WebSocket, and what comes by itself.
export { following, isSessionOver, type TalkCalls, talkCalls, webSockets } from "./adapters/rpc/TalkCalls.ts"
export type { Since, TalkFriend, TalkMessage, TalkNotification } from "./adapters/rpc/RpcSchemas.ts"
export { TalkRpcs } from "./adapters/rpc/TalkRpcs.ts"

/** The status that an error of a dialect came with; undefined of whatever else went wrong. */
export const statusOf = ({ constructor }: object): number | undefined =>
  Schema.isSchema(constructor) ? Schema.resolveAnnotations(constructor)?.httpApiStatus : undefined

export interface ClientOptions {
  /** Where the server is reached, such as `https://rookery.example`. */
  readonly url: string
  /** The access token of a sign-in, asked for at each request. Without one, what is open to everybody can be asked. */
  readonly token?: Redacted.Redacted<string> | Effect.Effect<Redacted.Redacted<string>>
}

const settings = ({ token, url }: ClientOptions) => ({
  baseUrl: url,
  transformClient: (client: HttpClient.HttpClient): HttpClient.HttpClient =>
    token === undefined
      ? client
      : HttpClient.mapRequestEffect(client, (request) =>
          Effect.map(Effect.isEffect(token) ? token : Effect.succeed(token), (token) =>
            HttpClientRequest.bearerToken(request, token)
          )
        )
})

/** Makes the requests of the classic dialect. */
export const classicClient = (options: ClientOptions) => HttpApiClient.make(ClassicApi, settings(options))

/** Makes the requests of v1. */
export const v1Client = (options: ClientOptions) => HttpApiClient.make(V1Api, settings(options))

/** Makes the requests of talk. */
export const talkClient = (options: ClientOptions) => HttpApiClient.make(TalkApi, settings(options))
