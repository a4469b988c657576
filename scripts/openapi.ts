// Writes openapi.json, which is committed so that a change of the API shows in its review.
//
//   npm run openapi
import { writeFileSync } from "node:fs"
import { documentText } from "../src/adapters/http/docs/OpenApiDocument.ts"
import { apis } from "../src/Routes.ts"

writeFileSync(new URL("../openapi.json", import.meta.url), documentText(apis))
