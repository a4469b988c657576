import autocannon from "autocannon"
import { Effect } from "effect"
import { BenchError } from "../BenchError.ts"
import { percentile } from "../Statistics.ts"
import type { HttpRequest } from "./HttpRequest.ts"
import type { Drive, Driven, LoadGenerator } from "./LoadGenerator.ts"

/** Milliseconds between looks at the clock: so much later than it should it may stop. */
const clockTick = 50

/** Needs nothing installed, and takes as much of a processor as a server does: on few of them the servers are held up by it. */
export const autocannonGenerator: LoadGenerator = {
  name: "autocannon",
  prepare: (requests) => Effect.succeed((drive) => run(requests, drive))
}

/** Each connection has its part of the requests, from another place on in each drive. */
const partsOf = (requests: ReadonlyArray<HttpRequest>, { connections, offset }: Drive) => {
  const from = offset % requests.length
  const turned = [...requests.slice(from), ...requests.slice(0, from)]
  const length = Math.ceil(turned.length / connections)
  return (connection: number) => {
    const part = turned.slice(connection * length, (connection + 1) * length)
    return (part.length === 0 ? turned : part).map(({ body, headers, method, path }) => ({
      method,
      path,
      headers,
      ...(body === undefined ? {} : { body })
    }))
  }
}

const run = (requests: ReadonlyArray<HttpRequest>, drive: Drive) =>
  Effect.callback<Driven, BenchError>((resume) => {
    const partOf = partsOf(requests, drive)
    const latencies: Array<number> = []
    let connection = 0
    const instance = autocannon(
      {
        url: drive.url,
        connections: drive.connections,
        duration: drive.seconds,
        sampleInt: clockTick,
        setupClient: (client) => client.setRequests(partOf(connection++))
      },
      (error, result) => {
        if (error !== null) return resume(Effect.fail(new BenchError({ message: `autocannon: ${error.message}` })))
        const { duration, errors, non2xx, timeouts } = result
        const [p50, p99] = [percentile(latencies, 50), percentile(latencies, 99)]
        const requests = latencies.length
        resume(Effect.succeed({ requests, seconds: duration, p50, p99, failed: errors + timeouts + non2xx }))
      }
    )
    instance.on("response", (_client: unknown, _status: number, _bytes: number, millis: number) => {
      latencies.push(millis)
    })
    return Effect.sync(() => instance.stop())
  })
