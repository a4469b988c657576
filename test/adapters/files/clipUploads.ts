// Uploads clips at once, as a server does it, and says how much memory that took beside what was there before:
// `node --expose-gc clipUploads.ts <dir> <how many> <megabytes of each>`.
import { Effect, Layer, Stream } from "effect"
import { readFileSync, writeFileSync } from "node:fs"
import { setImmediate } from "node:timers/promises"
import { BlobStoreFiles } from "../../../src/adapters/files/BlobStoreFiles.ts"
import { MediaProbeMusicMetadata } from "../../../src/adapters/musicmetadata/MediaProbeMusicMetadata.ts"
import { MediaLibrary } from "../../../src/application/talk/MediaLibrary.ts"
import { PhoneHolders } from "../../../src/application/talk/PhoneHolders.ts"
import { MemoryPorts } from "../../../src/RookeryMemory.ts"
import { mp4 } from "../../contracts/Clips.ts"
import { somePerson } from "../../contracts/Fixtures.ts"

const [, , dir = "", count = "50", megabytes = "20"] = process.argv
const megabyte = 1_000_000
const chunkSize = 64 * 1024

const Library = MediaLibrary.layer.pipe(
  Layer.provide(Layer.merge(BlobStoreFiles({ dir }), MediaProbeMusicMetadata)),
  Layer.provide(PhoneHolders.layer),
  Layer.provideMerge(MemoryPorts)
)

/** A film that comes from the net: each chunk is memory of its own, and others come in between. */
const film = (size: number) => {
  const chunks = Math.floor(size / chunkSize)
  const head = mp4(60, "isom", { media: 0 })
  // How long the part is that is played, which comes last.
  head.writeUInt32BE(8 + chunks * chunkSize, head.length - 8)
  const played = Stream.range(1, chunks).pipe(
    Stream.rechunk(1),
    Stream.mapEffect(() =>
      Effect.promise(async () => {
        await setImmediate()
        return Buffer.alloc(chunkSize, 7)
      })
    )
  )
  return Stream.concat(Stream.make(head), played)
}

const status = (name: "VmRSS" | "VmHWM") => {
  const found = new RegExp(`^${name}:\\s*(\\d+) kB$`, "m").exec(readFileSync("/proc/self/status", "utf8"))?.[1]
  return (Number(found) * 1024) / megabyte
}

const program = Effect.gen(function* () {
  const library = yield* MediaLibrary
  const { id } = yield* somePerson
  const upload = (size: number) => library.upload(id, { kind: "video" }, film(size))
  // What is loaded and compiled once is not what is measured.
  yield* Effect.replicateEffect(upload(megabyte), 10, { concurrency: "unbounded" })
  globalThis.gc?.()
  const before = status("VmRSS")
  // The kernel keeps the peak, which no sample misses; 5 makes it begin anew.
  writeFileSync("/proc/self/clear_refs", "5")
  const all = yield* Effect.replicateEffect(upload(Number(megabytes) * megabyte), Number(count), {
    concurrency: "unbounded"
  })
  const bytes = all.reduce((sum, { size }) => sum + size, 0)
  const known = all.filter(({ duration }) => duration !== null).length
  process.stdout.write(`${JSON.stringify({ before, rise: status("VmHWM") - before, bytes, known })}\n`)
})

await Effect.runPromise(Effect.provide(program, Library))
