import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { operations } from "./TalkContactOperations.ts"
import { ContactOnly, DisplayNameChange, FriendRequest, phoneParams, TalkContacts } from "./TalkContactSchemas.ts"
import { Conflict, NotFound } from "./TalkErrors.ts"
import { Authorization, Body } from "./TalkMiddleware.ts"

const asking = { payload: FriendRequest, success: TalkContacts, error: [NotFound.schema, Conflict.schema] } as const
const changing = { success: TalkContacts, error: NotFound.schema } as const

/** Friends, and who is to be one. */
export class TalkContactsGroup extends HttpApiGroup.make("contacts", { topLevel: true })
  .add(
    HttpApiEndpoint.get("listFriends", "/contacts", { success: TalkContacts }).annotateMerge(operations.listFriends),
    HttpApiEndpoint.get("findFriend", "/contacts/:phone_number", {
      params: phoneParams,
      success: TalkContacts
    }).annotateMerge(operations.findFriend),
    HttpApiEndpoint.put("requestFriend", "/contacts/request", asking).annotateMerge(operations.requestFriend),
    HttpApiEndpoint.post("requestFriendByPost", "/contacts/request", asking).annotateMerge(
      operations.requestFriendByPost
    ),
    HttpApiEndpoint.put("acceptFriend", "/contacts/accept", { payload: ContactOnly, ...changing }).annotateMerge(
      operations.acceptFriend
    ),
    HttpApiEndpoint.put("deleteFriend", "/contacts/delete", { payload: ContactOnly, ...changing }).annotateMerge(
      operations.deleteFriend
    ),
    HttpApiEndpoint.put("renameFriend", "/contacts/update", { payload: DisplayNameChange, ...changing }).annotateMerge(
      operations.renameFriend
    )
  )
  .prefix("/api")
  .middleware(Body)
  .middleware(Authorization)
  .annotateMerge(OpenApi.annotations({ description: "The address book" })) {}
