import { HttpApi, OpenApi } from "effect/http-api"
import { V1AuthGroup } from "./V1AuthApi.ts"
import { V1AvatarGroup } from "./V1AvatarApi.ts"
import { V1ContactsGroup } from "./V1ContactsApi.ts"
import { Head, Validation } from "./V1Middleware.ts"
import { V1NotesGroup } from "./V1NotesApi.ts"
import { V1PasswordsGroup } from "./V1PasswordsApi.ts"
import { V1SessionsGroup } from "./V1SessionsApi.ts"
import { V1UsersGroup } from "./V1UsersApi.ts"

export class V1Api extends HttpApi.make("v1")
  .add(V1AuthGroup)
  .add(V1PasswordsGroup)
  .add(V1SessionsGroup)
  .add(V1UsersGroup)
  .add(V1AvatarGroup)
  .add(V1ContactsGroup)
  .add(V1NotesGroup)
  .middleware(Validation)
  .middleware(Head)
  .annotate(HttpApi.PayloadParseOptions, { errors: "all", onExcessProperty: "error" })
  .annotate(HttpApi.ParamsParseOptions, { errors: "all" })
  .annotate(HttpApi.QueryParseOptions, { errors: "all" })
  .annotateMerge(
    OpenApi.annotations({
      title: "v1",
      description: "`/api/v1/*` says problem details (RFC 9457), of which `detail` is a sentence to act on."
    })
  ) {}
