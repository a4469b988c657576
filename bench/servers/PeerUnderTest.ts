import { Effect } from "effect"
import type { Peer } from "../peers/Peers.ts"
import { freePort } from "../Ports.ts"
import { running } from "../Process.ts"
import { type Server, signedTokens } from "./Server.ts"

export const peerUnderTest = (peer: Peer): Server => ({
  name: peer.name,
  title: peer.title,
  kind: "peer",
  missing: Effect.promise(() => peer.available()),
  launch: Effect.fnUntraced(function* ({ databaseUrl, jwtSecret }) {
    const port = yield* freePort
    const [command, args] = peer.command(process.env)
    const env = {
      NODE_ENV: "production",
      HOST: "127.0.0.1",
      PORT: String(port),
      DATABASE_URL: databaseUrl,
      JWT_SECRET: jwtSecret
    }
    return { url: `http://127.0.0.1:${port}`, process: yield* running({ command, args, env }) }
  }),
  tokens: (world, _, accounts) => signedTokens(world, accounts)
})
