import { once } from "node:events"
import { request } from "node:http"
import { assert, describe, it } from "vitest"
import { mp4 } from "../contracts/Clips.ts"
import { hasProcessMemory, peakRise } from "./ProcessMemory.ts"
import { embedded, type LiveRookery, onEach } from "./Suites.ts"
import { signUpByPhone } from "./TalkAccounts.ts"
import { byPath, clipForm, clipId, uploadClip, uploadPath } from "./TalkClips.ts"
import { befriend, type Talker } from "./Talkers.ts"

const megabyte = 1_000_000

/** All of one size, and written by the same bytes: the test's own memory is none of the server's. */
const whole = clipForm(mp4(5, "isom", { media: 20 * megabyte }))

const upload = ({ server }: LiveRookery, { token }: Talker) =>
  new Promise<number | undefined>((resolve, reject) => {
    const asked = request(`${server.url}${uploadPath}?media_type=video/mp4`, {
      method: "POST",
      agent: false,
      headers: { ...whole.headers, "content-length": whole.body.length, authorization: `Bearer ${token}` }
    })
    asked.on("error", reject).on("response", (response) => {
      response.resume().on("end", () => resolve(response.statusCode))
    })
    asked.end(whole.body)
  })

/** Reads at its leisure; how many bytes came. */
const download = async ({ server }: LiveRookery, { token }: Talker, id: number) => {
  const asked = request(`${server.url}${byPath(id)}?token=${token}`, { agent: false }).end()
  const [response] = await once(asked, "response")
  let length = 0
  for await (const chunk of response) {
    length += chunk.length
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  return length
}

describe.skipIf(!hasProcessMemory)("memory, on Linux", () => {
  onEach(
    "many clips",
    (rookery) => {
      const { api } = rookery

      it("of 20 MB, 50 at once, cost the server less than 150 MB, on their way in and on their way out", async () => {
        const [ada, bob] = [await signUpByPhone(api), await signUpByPhone(api)]
        await befriend(api, ada, bob)
        // What is loaded with the first clip is not what clips cost.
        for (let count = 0; count < 5; count++) await uploadClip(api, ada, mp4(1), "video")
        const id = clipId(await api.request("POST", `${uploadPath}?media_type=video`, { ...whole, token: ada.token }))
        const rise = await peakRise(rookery.server, async () => {
          const statuses = await Promise.all(Array.from({ length: 50 }, () => upload(rookery, ada)))
          assert.deepStrictEqual([...new Set(statuses)], [200])
        })
        assert.isBelow(rise, 150)
        const more = await peakRise(rookery.server, async () => {
          const lengths = await Promise.all(Array.from({ length: 50 }, () => download(rookery, ada, id)))
          assert.isTrue(lengths.every((length) => length > 20 * megabyte))
        })
        assert.isBelow(more, 150)
      }, 120_000)
    },
    { only: [embedded] }
  )
})
