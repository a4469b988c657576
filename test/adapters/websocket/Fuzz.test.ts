import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { createHash } from "node:crypto"
import { frame, opcodes, type RawWebSocket } from "../../support/RawWebSocket.ts"
import { connected, someTalker, tell, test, until } from "./SocketWorld.ts"

const path = "/api/notifications"

/** Bytes that look like chance and are the same each time. */
const bytes = (seed: string, length: number): Buffer =>
  Buffer.concat(
    Array.from({ length: Math.ceil(length / 32) }, (_, index) =>
      createHash("sha256").update(`${seed} ${index}`).digest()
    )
  ).subarray(0, length)

/** What a client may do that is against RFC 6455, and the code that it is closed with. */
const violations: ReadonlyArray<readonly [what: string, sent: ReadonlyArray<Buffer>, code: number]> = [
  ["a message of more than 4 KiB", [frame(opcodes.text, Buffer.alloc(4097, "x"))], 1009],
  ["one that says it has 2 GB", [Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0x80, 0, 0, 0, 1, 2, 3, 4])], 1009],
  ["one that says it has 2^63 bytes", [Buffer.from([0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4])], 1009],
  [
    "more than 4 KiB in fragments",
    [
      frame(opcodes.text, Buffer.alloc(3000, "x"), { final: false }),
      frame(opcodes.continuation, Buffer.alloc(3000, "x"))
    ],
    1009
  ],
  [
    "fragments without end",
    [
      frame(opcodes.text, "x", { final: false }),
      ...Array.from({ length: 100 }, () => frame(opcodes.continuation, "", { final: false }))
    ],
    1008
  ],
  ["text that is not UTF-8", [frame(opcodes.text, Buffer.from([0xc3, 0x28]))], 1007],
  ["a surrogate in UTF-8", [frame(opcodes.text, Buffer.from([0xed, 0xa0, 0x80]))], 1007],
  [
    "a character in two fragments, the second of which is another",
    [
      frame(opcodes.text, Buffer.from([0xe2, 0x82]), { final: false }),
      frame(opcodes.continuation, Buffer.from([0x28]))
    ],
    1007
  ],
  ["a frame without a mask", [frame(opcodes.text, "hello", { masked: false })], 1002],
  ["reserved bits", [frame(opcodes.text, "hello", { reserved: 4 })], 1002],
  ["an opcode that is none", [frame(3, "hello")], 1002],
  ["a control opcode that is none", [frame(11, "hello")], 1002],
  ["a continuation of nothing", [frame(opcodes.continuation, "hello")], 1002],
  ["a message within a message", [frame(opcodes.text, "a", { final: false }), frame(opcodes.text, "b")], 1002],
  ["a ping in fragments", [frame(opcodes.ping, "a", { final: false })], 1002],
  ["a ping that is too long", [frame(opcodes.ping, Buffer.alloc(126))], 1002],
  ["a close of one byte", [frame(opcodes.close, Buffer.from([3]))], 1002],
  ["a close with a code that is none", [frame(opcodes.close, Buffer.from([0x03, 0xed]))], 1002],
  ["a close whose reason is not UTF-8", [frame(opcodes.close, Buffer.from([0x03, 0xe8, 0xff]))], 1007]
]

describe("frames that no client should send", () => {
  const alive = Effect.fnUntraced(function* (talker: Effect.Success<typeof someTalker>, client: RawWebSocket) {
    const before = client.messages.length
    yield* tell(talker.id, { _tag: "ContactsUpdated" })
    yield* until("the others are told", () => client.messages.length === before + 1)
  })

  test(
    "close that connection with the code for it, and no other",
    Effect.gen(function* () {
      const talker = yield* someTalker
      const witness = yield* connected(`${path}?token=${talker.token}`)
      for (const [what, sent, code] of violations) {
        const client = yield* connected(`${path}?token=${talker.token}`)
        client.send(...sent)
        yield* until(`${what} is refused`, () => client.closeCode !== undefined || client.closed)
        assert.strictEqual(client.closeCode, code, what)
        client.socket.destroy()
      }
      yield* alive(talker, witness)
    })
  )

  test(
    "are passed over where they are well formed: text, binary, empty, in fragments with a ping between",
    Effect.gen(function* () {
      const talker = yield* someTalker
      const client = yield* connected(`${path}?token=${talker.token}`)
      client.send(
        frame(opcodes.text, '{"event":"connected"}'),
        frame(opcodes.text),
        frame(opcodes.binary, bytes("binary", 4096)),
        frame(opcodes.text, Buffer.from([0xe2, 0x82]), { final: false }),
        frame(opcodes.ping, "between"),
        frame(opcodes.continuation, Buffer.from([0xac])),
        frame(opcodes.pong, "that nobody asked for"),
        frame(opcodes.ping, "last")
      )
      yield* until("all was read", () => client.count(opcodes.pong) === 2)
      yield* alive(talker, client)
      assert.lengthOf(client.messages, 2)
    })
  )

  test(
    "take nothing down, whatever bytes they are, however they are cut, and wherever they end",
    Effect.gen(function* () {
      const talker = yield* someTalker
      const witness = yield* connected(`${path}?token=${talker.token}`)
      for (let round = 0; round < 150; round++) {
        const client = yield* connected(`${path}?token=${talker.token}`)
        const noise = bytes(`noise ${round}`, 1 + ((round * 37) % 3000))
        // Half of them begin as frames do.
        const sent = round % 2 === 0 ? noise : Buffer.concat([frame(noise[0] ?? 0, noise.subarray(1, 100)), noise])
        const cut = 1 + ((round * 13) % sent.length)
        client.send(sent.subarray(0, cut))
        client.send(sent.subarray(cut))
        if (round % 3 === 0) client.socket.resetAndDestroy()
        else client.socket.end()
      }
      yield* alive(talker, witness)
    })
  )
})
