import { assert, it } from "vitest"
import { somePhone } from "../contracts/Fixtures.ts"
import { type Chat, chatting } from "./Chat.ts"
import { eventually } from "./Eventually.ts"
import { embedded, onEach } from "./Suites.ts"
import { ask, codeFor, complete, otherThan, tokenIn } from "./TalkAccounts.ts"

const slow = 60_000

onEach(
  "examples/chat.ts",
  (rookery) => {
    const { api, scope } = rookery

    /** Starts the program and types the code that was sent: signed up or in, and talking. */
    const chat = async (own: string, other: string): Promise<Chat> => {
      const person = await scope.open(chatting([own, other, api.url]))
      await person.shows(0, [`The code that was sent to ${own}?`])
      person.write(await codeFor(api, own))
      // What has been written meanwhile may come at once.
      await eventually(() => assert.strictEqual(person.shown()[1], `You are talking to ${other}.`), 20_000)
      return person
    }

    it(
      "carries lines both ways, over a server that is killed and started again, and misses none",
      async () => {
        const [ada, bob] = [somePhone(), somePhone()]
        const [adas, bobs] = [await chat(ada, bob), await chat(bob, ada)]
        adas.write("Hello")
        await bobs.shows(2, [`${ada}: Hello`])
        bobs.write("Hello yourself")
        bobs.write("How are you?")
        await adas.shows(2, [`${bob}: Hello yourself`, `${bob}: How are you?`])

        const { port } = new URL(api.url)
        const { ended, process } = rookery.server
        process.kill("SIGKILL")
        await ended
        // What nobody takes now is sent, once, when there is somebody again.
        adas.write("Are you there?")
        await new Promise((resolve) => setTimeout(resolve, 1500))
        await rookery.start({ PORT: port })
        await bobs.shows(3, [`${ada}: Are you there?`])
        bobs.write("Again")
        await adas.shows(4, [`${bob}: Again`])

        // Whoever has been away is shown what they have not read, and nothing else.
        assert.strictEqual(await bobs.leave(), 0)
        adas.write("Gone?")
        assert.strictEqual(await adas.leave(), 0)
        const again = await chat(bob, ada)
        await again.shows(2, [`${ada}: Gone?`])

        // Signed out everywhere, by another session.
        const token = tokenIn(await complete(api, "signin", bob, await ask(api, "signin", bob)))
        assert.strictEqual((await api.delete("/api/v1/auth/sessions", { token })).status, 204)
        assert.strictEqual(await again.ended, 1)
        await again.shows(3, ["you have been signed out"])
      },
      slow
    )

    it(
      "says in a line what is wrong",
      async () => {
        const [ada, bob] = [somePhone(), somePhone()]
        const usage = await scope.open(chatting(["nobody"]))
        assert.strictEqual(await usage.ended, 2)
        await usage.shows(0, ["npx node examples/chat.ts <your number> <a friend's number> [http://localhost:8000]"])

        const mistaken = await scope.open(chatting([ada, bob, api.url]))
        await mistaken.shows(0, [`The code that was sent to ${ada}?`])
        mistaken.write(otherThan(await codeFor(api, ada)))
        assert.strictEqual(await mistaken.ended, 1)
        await mistaken.shows(1, ["Invalid phone number or passcode"])

        const early = await chat(ada, bob)
        early.write("Hello")
        await early.shows(2, [`Not sent: ${bob} has not accepted, or has ended it`])
      },
      slow
    )
  },
  { only: [embedded] }
)
