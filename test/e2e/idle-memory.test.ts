import { assert, describe, it } from "vitest"
import { hasProcessMemory, residentMegabytes } from "./ProcessMemory.ts"
import { onEach, server } from "./Suites.ts"

describe.skipIf(!hasProcessMemory)("memory, on Linux", () => {
  onEach(
    "a server that has little to do",
    (rookery) => {
      it("takes less than 250 MB after its start and 200 requests", async () => {
        const { api } = rookery
        const user = await api.signUp()
        const contact = await api.contact(user)
        for (let count = 0; count < 50; count++) {
          await api.note(user, contact, `Note ${count}`)
          for (const path of ["/contacts", `/contacts/${contact}`, `/contacts/${contact}/notes`]) {
            assert.strictEqual((await api.get(path, { token: user.token })).status, 200)
          }
        }
        assert.isBelow(await residentMegabytes(rookery.server), 250)
      })
    },
    { only: [server] }
  )
})
