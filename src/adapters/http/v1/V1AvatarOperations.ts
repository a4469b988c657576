import { operation } from "./V1Docs.ts"

const unavailable = "Pictures can't be stored or fetched right now. Try again in a while."

/** What the document says of each operation of avatars. */
export const operations = {
  uploadAvatar: operation({
    id: "uploadAvatar",
    summary: "Upload a picture of oneself",
    description:
      "It becomes a square of at most 512 pixels without metadata, and takes the place of the one before. With an `Idempotency-Key` it is taken once, however often the request is sent.",
    errors: {
      400: "The request body is not valid multipart/form-data",
      409: "A request with this Idempotency-Key is being answered right now",
      415: "The request body must be multipart/form-data",
      422: "file must be at most 5 MB",
      503: unavailable
    }
  }),
  showAvatar: operation({
    id: "showAvatar",
    summary: "Get a picture",
    description:
      "Whoever knows its address may see it. Another picture has another address, so this one may be kept for good.",
    errors: { 404: "Avatar not found", 503: unavailable },
    // Whatever is in the place of the id, there is no such avatar.
    never: [422]
  })
}
