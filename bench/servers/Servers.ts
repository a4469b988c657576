import { bareHttp } from "../limits/BareHttp.ts"
import { peers } from "../peers/Peers.ts"
import { peerUnderTest } from "./PeerUnderTest.ts"
import { rookery } from "./RookeryUnderTest.ts"
import type { Server } from "./Server.ts"

/** All there are, in the order in which they are driven. */
export const servers: ReadonlyArray<Server> = [rookery, ...peers.map(peerUnderTest), bareHttp]
