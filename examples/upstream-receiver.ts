// Receives what Rookery posts to UPSTREAM_URL, and takes only what Rookery has signed.
//
//   node examples/upstream-receiver.ts <UPSTREAM_SECRET> [port]
//   UPSTREAM_URL=http://localhost:9000 UPSTREAM_SECRET=whsec_... npm start
//
// Answer 2xx when the event is safe with you. 408, 425, 429 and 5xx, or no answer within UPSTREAM_TIMEOUT, have it sent
// again later (`Retry-After` is heeded); any other answer makes it a dead letter. The same event may come again, with the
// same `webhook-id`: keep an inbox of those ids, as examples/note-subscriber.ts does.
//
// A secret that does not start with `whsec_` is plain text: `new Webhook(secret, { format: "raw" })`.
import { createServer } from "node:http"
import { text } from "node:stream/consumers"
import { Webhook } from "standardwebhooks"

const [secret = "", port = "9000"] = process.argv.slice(2)
const webhook = new Webhook(secret)

const server = createServer(async (request, response) => {
  // The signature is over these very bytes: verify before anything parses them.
  const body = await text(request)
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers)) headers[name] = String(value)
  try {
    webhook.verify(body, headers)
  } catch {
    return void response.writeHead(401).end()
  }
  console.log(headers["webhook-id"], body)
  response.writeHead(204).end()
})
server.listen(Number(port), () => console.log("listening", server.address()))
