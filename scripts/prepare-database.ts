/** Makes the image that embedded databases begin as, unless it is there: see docs/adr/0006-embedded-postgres.md. */
import { makeImage } from "../src/adapters/postgres/EmbeddedImage.ts"

await makeImage()
