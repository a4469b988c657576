/**
 * What Node's HTTP server can do at most: no routes, no token, no database. It answers each kind of request with a body
 * made before, the same that the others have to make each time.
 */
import { readFileSync } from "node:fs"
import { createServer } from "node:http"

const { ANSWERS = "", HOST, PORT } = process.env
const { contact, contacts, note } = JSON.parse(readFileSync(ANSWERS, "utf8")) as Record<string, string>

const answer = (status: number, body = "") => ({
  status,
  body,
  headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body) }
})
const one = answer(200, contact)
const many = answer(200, contacts)
const created = answer(201, note)

const missing = answer(404)

const answerTo = (method = "", url = "") => {
  if (!url.startsWith("/api/v1/contacts")) return missing
  if (method === "POST") return created
  return url.startsWith("/api/v1/contacts?") ? many : one
}

const server = createServer((request, response) => {
  const { body, headers, status } = answerTo(request.method, request.url)
  const send = () => response.writeHead(status, headers).end(body)
  if (request.method === "POST") request.resume().on("end", send)
  else send()
})
process.once("SIGTERM", () => {
  server.close()
  server.closeAllConnections()
})
server.listen(Number(PORT), HOST)
