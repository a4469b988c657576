import { setFlagsFromString } from "node:v8"

/**
 * Whatever is made while the program starts mostly stays, and V8 concludes from that to make the same things old from then
 * on: fibers and contexts, which in a request live for a moment. One such dead old object keeps all that a request has made
 * through every minor collection: a quarter of it, up to the next full one. So V8 is not to guess (ADR 0021). Comes before
 * anything else is loaded, since code that has been compiled keeps what it was compiled to. (How large the young generation may
 * grow can only be said on the command line: see `npm start`.)
 */
setFlagsFromString("--no-allocation-site-pretenuring")
