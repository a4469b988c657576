import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { AvatarImagesSharp } from "../../../src/adapters/sharp/AvatarImagesSharp.ts"
import { loadPictureLibraries } from "../../../src/adapters/sharp/PictureLibraries.ts"
import { AvatarImages } from "../../../src/domain/accounts/AvatarImages.ts"

// Squares the file that is named on the command line, and tells what came of it and what it took.
const [, , path = ""] = process.argv
const file = readFileSync(path)
await loadPictureLibraries()

const mostMemory = () => process.resourceUsage().maxRSS / 1024
/** Other than the time on the clock, it is the same on a busy machine. */
const workTime = (since?: NodeJS.CpuUsage) => process.cpuUsage(since)
const [memory, began] = [mostMemory(), workTime()]
const outcome = await Effect.runPromise(
  AvatarImages.use((images) => images.square(file)).pipe(
    Effect.as("accepted"),
    Effect.catch(({ reason }) => Effect.succeed(reason)),
    Effect.provide(AvatarImagesSharp)
  )
)
const { system, user } = workTime(began)
const told = { outcome, milliseconds: (user + system) / 1000, megabytes: mostMemory() - memory }
process.stdout.write(JSON.stringify(told))
