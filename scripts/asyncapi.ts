// Writes asyncapi.json, which is committed so that a change of what is told shows in its review.
//
//   npm run asyncapi
import { writeFileSync } from "node:fs"
import { asyncApiText } from "../src/adapters/http/docs/AsyncApiDocument.ts"
import { socketChannels } from "../src/SocketChannels.ts"

writeFileSync(new URL("../asyncapi.json", import.meta.url), asyncApiText(socketChannels))
