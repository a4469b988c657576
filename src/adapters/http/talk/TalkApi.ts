import { HttpApi, OpenApi } from "effect/http-api"
import { TalkAuthGroup } from "./TalkAuthApi.ts"
import { TalkContactsGroup } from "./TalkContactsApi.ts"
import { TalkMediaGroup } from "./TalkMediaApi.ts"
import { TalkMessagesGroup } from "./TalkMessagesApi.ts"
import { Head, Validation } from "./TalkMiddleware.ts"

/** Clients of talk send more than its document knows: what nobody here reads is passed over. */
export class TalkApi extends HttpApi.make("talk")
  .add(TalkAuthGroup)
  .add(TalkContactsGroup)
  .add(TalkMessagesGroup)
  .add(TalkMediaGroup)
  .middleware(Validation)
  .middleware(Head)
  .annotate(HttpApi.PayloadParseOptions, { onExcessProperty: "ignore" })
  .annotateMerge(
    OpenApi.annotations({
      title: "Talk",
      description:
        '`/api/auth/*`, `/api/contacts*` and `/api/messages*` say `{"success": false, "message": "..."}`. They are for accounts with a phone number.'
    })
  ) {}
