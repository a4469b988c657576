import { Effect } from "effect"
import { createServer } from "node:net"
import { BenchError } from "./BenchError.ts"

/** A port of this machine that nobody listens on now. */
export const freePort: Effect.Effect<number, BenchError> = Effect.callback((resume) => {
  const server = createServer()
  server.once("error", (error) => resume(Effect.fail(new BenchError({ message: `no free port: ${error.message}` }))))
  server.listen(0, "127.0.0.1", () => {
    const address = server.address()
    const port = typeof address === "object" ? (address?.port ?? 0) : 0
    server.close(() => resume(Effect.succeed(port)))
  })
})
