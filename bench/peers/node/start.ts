/**
 * Starts the peer of that folder with Node's cache of compiled code, as Rookery's own start has it:
 *
 *     node bench/peers/node/start.ts fastify
 */
import { enableCompileCache } from "node:module"
import { join } from "node:path"

const [, , name = ""] = process.argv
enableCompileCache(join(import.meta.dirname, "../../../node_modules/.cache/rookery/modules"))
if (name === "fastify") await import("../fastify/server.ts")
else if (name === "hono") await import("../hono/server.ts")
else throw new Error(`the peers on Node are fastify and hono, not ${JSON.stringify(name)}`)
