import type { PGlite } from "@electric-sql/pglite"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { PgliteHub } from "../../../src/adapters/postgres/PgliteHub.ts"
import { keyData, query, startup, sync } from "../../../src/adapters/postgres/PostgresWire.ts"
import { openImage } from "../../support/TestDatabase.ts"
import { WireClient } from "./WireClient.ts"

const frame = (type: string, body: Buffer | string) => {
  const bytes = Buffer.from(body)
  const head = Buffer.alloc(5)
  head.write(type)
  head.writeInt32BE(4 + bytes.length, 1)
  return Buffer.concat([head, bytes])
}
const parse = (name: string, sql: string) => frame("P", `${name}\0${sql}\0\0\0`)
const bind = (name: string) => frame("B", `\0${name}\0\0\0\0\0\0\0`)
const execute = frame("E", "\0\0\0\0\0")
const flush = frame("H", "")

const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

describe("PgliteHub", () => {
  let db: PGlite
  let hub: PgliteHub
  const connect = () => WireClient.connect(hub.stream())

  beforeAll(async () => {
    db = await openImage()
    hub = await PgliteHub.open(db, { idleInTransaction: 200 })
    const client = await connect()
    await client.query("CREATE TABLE rows (who text)")
    client.stream.destroy()
  })
  afterAll(async () => {
    await hub.close()
    await db.close()
  })

  it("gives each session a number and the server's settings", async () => {
    const client = new WireClient(hub.stream())
    client.stream.write(startup())
    const told = await client.until("Z")
    expect(told.map(({ type }) => type)).toEqual(expect.arrayContaining(["R", "S", "K", "Z"]))
    expect(told.filter(({ type }) => type === "K")).toHaveLength(1)
    client.stream.destroy()
  })

  it("understands messages cut at any byte", async () => {
    const client = new WireClient(hub.stream())
    for (const byte of Buffer.concat([
      startup(),
      query("SELECT 'cut'"),
      parse("", "SELECT 'up'"),
      bind(""),
      execute,
      sync
    ])) {
      client.stream.write(Buffer.of(byte))
    }
    await client.until("Z")
    expect(JSON.stringify(await client.until("Z"))).toContain("cut")
    expect(JSON.stringify(await client.until("Z"))).toContain("up")
    client.stream.destroy()
  })

  it("keeps everybody out of an open transaction", async () => {
    const [one, two] = [await connect(), await connect()]
    await one.query("TRUNCATE rows")
    await one.query("BEGIN")
    await one.query("INSERT INTO rows VALUES ('one')")
    let seen: string | undefined
    const asked = two.query("SELECT count(*) FROM rows").then((answer) => (seen = answer))
    await turns(20)
    expect(seen).toBeUndefined()
    await one.query("INSERT INTO rows VALUES ('one')")
    await one.query("COMMIT")
    expect(await asked).toContain("D:2")
    one.stream.destroy()
    two.stream.destroy()
  })

  it("rolls back what a destroyed session left open before anybody else runs", async () => {
    const [one, two] = [await connect(), await connect()]
    await one.query("TRUNCATE rows")
    await one.query("BEGIN")
    await one.query("INSERT INTO rows VALUES ('lost')")
    const asked = two.query("SELECT count(*) FROM rows")
    one.stream.destroy()
    expect(await asked).toContain("D:0")
    expect(await two.query("SELECT 'after'")).toContain("Z:I")
    two.stream.destroy()
  })

  it("rolls back a session that goes while its BEGIN runs", async () => {
    const [one, two] = [await connect(), await connect()]
    await one.query("TRUNCATE rows")
    one.stream.write(query("BEGIN; INSERT INTO rows VALUES ('lost')"))
    one.stream.destroy()
    expect(await two.query("SELECT count(*) FROM rows")).toMatch(/D:0 .*Z:I/)
    two.stream.destroy()
  })

  it.each([
    ["an unfinished batch", Buffer.concat([parse("", "INSERT INTO rows VALUES ('lost')"), bind(""), execute, flush])],
    ["a failed batch without its Sync", Buffer.concat([parse("", "SELEC 1"), flush])],
    ["a failed batch in a transaction", Buffer.concat([query("BEGIN"), parse("", "SELEC 1"), flush])]
  ])("undoes %s", async (_, batch) => {
    const [one, two] = [await connect(), await connect()]
    await two.query("TRUNCATE rows")
    one.stream.write(batch)
    await turns(5)
    one.stream.destroy()
    expect(await two.query("SELECT count(*) FROM rows")).toMatch(/D:0 .*Z:I/)
    two.stream.destroy()
  })

  it("rolls back and cuts off a transaction that says nothing for too long", async () => {
    const [one, two] = [await connect(), await connect()]
    await one.query("TRUNCATE rows")
    await one.query("BEGIN; INSERT INTO rows VALUES ('forgotten')")
    expect(await two.query("SELECT count(*) FROM rows")).toContain("D:0")
    expect((await one.closed)?.message).toMatch(/too long/)
    two.stream.destroy()
  })

  it("gives sessions their turns, however much one of them has sent", async () => {
    const [greedy, modest] = [await connect(), await connect()]
    const finished: Array<string> = []
    greedy.stream.write(Buffer.concat(Array.from({ length: 200 }, (_, n) => query(`SELECT ${n}`))))
    const last = (async () => {
      for (let n = 0; n < 200; n++) await greedy.until("Z")
      finished.push("greedy")
    })()
    await modest.query("SELECT 1").then(() => finished.push("modest"))
    await last
    expect(finished).toEqual(["modest", "greedy"])
    greedy.stream.destroy()
    modest.stream.destroy()
  })

  it("tells every listener, and one that stops does not deafen the others", async () => {
    const [one, two, speaker] = [await connect(), await connect(), await connect()]
    await one.query(`LISTEN "news"`)
    await two.query(`LISTEN "news"`)
    await two.query(`UNLISTEN "news"`)
    two.stream.destroy()
    await speaker.query(`NOTIFY "news", 'hello'`)
    expect(await one.until("A")).toEqual([expect.objectContaining({ body: expect.stringContaining("newshello") })])
    await speaker.query("BEGIN")
    await speaker.query(`NOTIFY "news", 'never'`)
    await speaker.query("ROLLBACK")
    await turns(5)
    expect(one.messages).toEqual([])
    one.stream.destroy()
    speaker.stream.destroy()
  })

  it("closes the statements that a session had prepared", async () => {
    const [one, two] = [await connect(), await connect()]
    one.stream.write(
      Buffer.concat([parse("kept", "SELECT 1"), parse("closed", "SELECT 2"), frame("C", "Sclosed\0"), sync])
    )
    await one.until("Z")
    expect(await two.query("SELECT name FROM pg_prepared_statements")).toContain("kept")
    one.stream.destroy()
    expect(await two.query("SELECT count(*) FROM pg_prepared_statements")).toContain("D:0")
    two.stream.destroy()
  })

  it("hands out an answer as it is read, and serves others meanwhile", async () => {
    const stream = hub.stream()
    const slow = await WireClient.connect(stream)
    stream.pause()
    stream.write(query("SELECT repeat('x', 100) FROM generate_series(1, 50000)"))
    const other = await connect()
    expect(await other.query("SELECT 1")).toContain("Z:I")
    expect(stream.readableLength).toBeLessThan(256 * 1024)
    stream.resume()
    expect(await slow.until("Z")).toHaveLength(50_003)
    stream.destroy()
    other.stream.destroy()
  })

  it("runs nothing more for a client that does not read, and goes on when it does", async () => {
    const stream = hub.stream()
    const slow = await WireClient.connect(stream)
    const other = await connect()
    await other.query("CREATE SEQUENCE ran")
    stream.pause()
    stream.write(Buffer.concat(Array.from({ length: 40 }, () => query("SELECT nextval('ran'), repeat('x', 200000)"))))
    await turns(50)
    expect(await other.query("SELECT last_value FROM ran")).toMatch(/D:[4-9] /)
    stream.resume()
    for (let n = 0; n < 40; n++) await slow.until("Z")
    stream.destroy()
    other.stream.destroy()
  })

  it("cuts off a transaction whose client does not read", async () => {
    const stream = hub.stream()
    const slow = await WireClient.connect(stream)
    const other = await connect()
    await slow.query("BEGIN")
    stream.pause()
    for (let n = 0; n < 20; n++) stream.write(query("SELECT repeat('x', 200000)"))
    expect(await other.query("SELECT 'free'")).toContain("free")
    expect((await slow.closed)?.message).toMatch(/too long/)
    other.stream.destroy()
  })

  it.each([
    ["COPY FROM STDIN", query("CREATE TABLE c (n int); COPY c FROM STDIN")],
    ["a prepared COPY FROM STDIN", Buffer.concat([parse("", "copy rows\nfrom stdin"), bind(""), execute, sync])],
    ["a message of no known type", frame("!", "")],
    ["a length below its own four bytes", Buffer.from([0x51, 0, 0, 0, 3])],
    ["a negative length", Buffer.from([0x51, 0xff, 0xff, 0xff, 0xff])],
    ["a Sync longer than the backend reads", frame("S", Buffer.alloc(20_000))]
  ])("hangs up on %s, and lives", async (_, bytes) => {
    const rude = await connect()
    rude.stream.write(bytes)
    expect(JSON.stringify(await rude.until("E"))).toContain("FATAL")
    await rude.closed
    const other = await connect()
    expect(await other.query("SELECT 'alive'")).toContain("alive")
    other.stream.destroy()
  })

  it("hangs up in the middle of a transaction, and rolls it back", async () => {
    const [rude, other] = [await connect(), await connect()]
    await other.query("TRUNCATE rows")
    await rude.query("BEGIN; INSERT INTO rows VALUES ('lost')")
    rude.stream.write(frame("!", ""))
    expect(await other.query("SELECT count(*) FROM rows")).toContain("D:0")
    other.stream.destroy()
  })

  it("answers a request for TLS with no, and one to cancel by hanging up", async () => {
    const bare = (code: number) => {
      const bytes = Buffer.alloc(8)
      bytes.writeInt32BE(8, 0)
      bytes.writeInt32BE(code, 4)
      return bytes
    }
    const stream = hub.stream()
    const answer = new Promise((resolve) => stream.once("data", resolve))
    stream.write(bare(80877103))
    expect(String(await answer)).toBe("N")
    stream.destroy()
    const cancel = new WireClient(hub.stream())
    const request = Buffer.concat([bare(80877102), keyData(1).subarray(5)])
    request.writeInt32BE(16, 0)
    cancel.stream.write(request)
    expect(await cancel.closed).toBeUndefined()
  })
})

describe("PgliteHub whose backend dies", () => {
  it("cuts everybody off and says why", async () => {
    let runs = 0
    const hub = await PgliteHub.open({
      execProtocolRawStream: async () => {
        if (runs++ > 0) throw new Error("unreachable")
      }
    })
    const client = new WireClient(hub.stream())
    const bystander = new WireClient(hub.stream())
    client.stream.write(startup())
    client.stream.write(query("SELECT 1"))
    expect(await hub.crashed).toEqual(new Error("unreachable"))
    expect((await client.closed)?.message).toMatch(/crashed/)
    expect((await bystander.closed)?.message).toMatch(/crashed/)
    expect((await new WireClient(hub.stream()).closed)?.message).toMatch(/crashed/)
    await hub.close()
  })
})
