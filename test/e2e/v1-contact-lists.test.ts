import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { assert, describe, expect, it } from "vitest"
import { onEach } from "./Suites.ts"
import { addContact, linksIn, namesIn } from "./V1Contacts.ts"

const publicUrl = "https://rookery.example/base"
const path = "/api/v1/contacts"

const birthdaysPath = `${path}/birthdays`

/** The day in a time zone, as `en-CA` writes it. */
const dayIn = (timeZone: string) => new Intl.DateTimeFormat("en-CA", { timeZone }).format()

/** Does it again where midnight came in between. */
const onOneDay = async <A>(zone: string, body: (day: string) => Promise<A>): Promise<A> => {
  const day = dayIn(zone)
  const answer = await body(day)
  return dayIn(zone) === day ? answer : onOneDay(zone, body)
}

onEach(
  "lists of v1",
  (rookery) => {
    const { api } = rookery
    const signUp = async (...names: ReadonlyArray<string | object>) => {
      const user = await api.signUp()
      for (const name of names) await addContact(api, user, typeof name === "string" ? { first_name: name } : name)
      return user
    }
    const list = (token: string, query = "") => api.get(`${path}${query}`, { token })

    describe("a part of the contacts", () => {
      it("tells how many there are, and leads to the others", async () => {
        const names = Array.from({ length: 41 }, (_, index) => `Ada ${index}`)
        const { token } = await signUp(...names)
        await signUp("Somebody else's")
        const answer = await list(token)
        assert.deepStrictEqual(namesIn(answer), names.slice(0, 20))
        assert.strictEqual(answer.headers.get("x-total-count"), "41")
        assert.deepStrictEqual(linksIn(answer), {
          first: `${publicUrl}${path}?skip=0&limit=20`,
          next: `${publicUrl}${path}?skip=20&limit=20`,
          last: `${publicUrl}${path}?skip=40&limit=20`
        })
        const middle = await list(token, "?skip=30&limit=5")
        assert.deepStrictEqual(namesIn(middle), names.slice(30, 35))
        assert.strictEqual(linksIn(middle)["prev"], `${publicUrl}${path}?skip=25&limit=5`)
        assert.deepStrictEqual(namesIn(await list(token, "?limit=100")), names)
        const beyond = await list(token, "?skip=1000")
        assert.deepStrictEqual([namesIn(beyond), beyond.headers.get("x-total-count")], [[], "41"])
      })

      it("is all of them, one part after the other, by following the links", async () => {
        const names = Array.from({ length: 11 }, (_, index) =>
          index % 2 === 0 ? `Ada & Eve ${index}` : `Bob ${index}`
        )
        const { token } = await signUp(...names)
        const found: Array<string> = []
        let next: string | undefined = `${publicUrl}${path}?search=${encodeURIComponent("a & e")}&limit=2`
        while (next !== undefined) {
          assert.isTrue(next.startsWith(publicUrl))
          const answer = await api.get(next.slice(publicUrl.length), { token })
          found.push(...namesIn(answer))
          assert.strictEqual(answer.headers.get("x-total-count"), "6")
          next = linksIn(answer)["next"]
        }
        assert.deepStrictEqual(
          found,
          names.filter((name) => name.startsWith("Ada"))
        )
      })
    })

    describe("a search", () => {
      it("finds its text anywhere in first name, last name or address, without regard to case", async () => {
        const { token } = await signUp(
          { first_name: "Christopher", last_name: "Smith" },
          { first_name: "Anna", last_name: "McIntosh", email: "anna@Example.com" },
          { first_name: "Smithy", company: "Toph", title: "Toph", notes: "toph", phone: "1234567" }
        )
        const names = async (search: string) => namesIn(await list(token, `?search=${encodeURIComponent(search)}`))
        assert.deepStrictEqual(await names("TOPH"), ["Christopher"])
        assert.deepStrictEqual(await names("smith"), ["Christopher", "Smithy"])
        assert.deepStrictEqual(await names("intos"), ["Anna"])
        assert.deepStrictEqual(await names("@example"), ["Anna"])
        assert.deepStrictEqual(await names("1234567"), [])
        // No match goes from one field into the next.
        assert.deepStrictEqual(await names("christophersmith"), [])
        assert.deepStrictEqual(await names("christopher smith"), [])
        for (const blank of ["", " ", "\t"]) assert.lengthOf(await names(blank), 3)
      })

      it("takes every character for itself", async () => {
        const { token } = await signUp("100%", "1000", "a_b", "aXb", "back\\slash", "quote'", "*star*", 'q"q')
        for (const [search, names] of [
          ["%", ["100%"]],
          ["0%", ["100%"]],
          ["_", ["a_b"]],
          ["\\", ["back\\slash"]],
          ["'", ["quote'"]],
          ["*", ["*star*"]],
          ['"', ['q"q']],
          [".", []]
        ] as const) {
          assert.deepStrictEqual(
            namesIn(await list(token, `?search=${encodeURIComponent(search)}`)),
            [...names],
            search
          )
        }
      })

      it("sees what has changed at once", async () => {
        const { token } = await signUp("Ada")
        const [{ id }] = (await list(token)).body as [{ readonly id: number }]
        await api.request("PATCH", `${path}/${id}`, {
          token,
          json: { first_name: "Grace", email: "hopper@example.com" }
        })
        assert.deepStrictEqual(namesIn(await list(token, "?search=ada")), [])
        assert.deepStrictEqual(namesIn(await list(token, "?search=HOPP")), ["Grace"])
      })
    })

    describe("birthdays", () => {
      const bornOn = (day: string) => `1990${day.slice(4)}`

      it("are those of the next seven days where one is, the nearest first", async () => {
        const [east, west] = ["Pacific/Kiritimati", "Etc/GMT+12"]
        const { there, here, today } = await onOneDay(east, async (day) => {
          const { token } = await signUp({ first_name: "Ada", last_name: "King", birthday: bornOn(day) })
          const upcoming = async (zone: string) =>
            (await api.get(`${birthdaysPath}?tz=${encodeURIComponent(zone)}`, { token })).body
          return { there: await upcoming(east), here: await upcoming(west), today: day }
        })
        const person = { id: expect.any(Number), first_name: "Ada", last_name: "King", birthday: bornOn(today) }
        expect(there).toStrictEqual([{ ...person, days_until: 0 }])
        // It is the day before there, or the one before that.
        expect(here).toStrictEqual([{ ...person, days_until: expect.toSatisfy((days) => days === 1 || days === 2) }])
      })

      it("are seen as soon as they are written, changed or gone", async () => {
        const { token } = await signUp()
        const upcoming = async () => namesIn(await api.get(birthdaysPath, { token }))
        // Some days from now, whichever day it is by the end of this.
        const soon = bornOn(dayIn("Pacific/Kiritimati"))
        assert.deepStrictEqual(await upcoming(), [])
        const id = await addContact(api, { token }, { birthday: soon })
        assert.deepStrictEqual(await upcoming(), ["Ada"])
        await api.put(`/contacts/${id}`, { name: "Grace" }, { token })
        assert.deepStrictEqual(await upcoming(), ["Grace"])
        await api.request("PATCH", `${path}/${id}`, { token, json: { birthday: null } })
        assert.deepStrictEqual(await upcoming(), [])
        await api.request("PATCH", `${path}/${id}`, { token, json: { birthday: soon } })
        assert.deepStrictEqual(await upcoming(), ["Grace"])
        const keyed = { token, headers: { "idempotency-key": "one" } }
        await api.post(path, { first_name: "Ada", birthday: soon }, keyed)
        assert.deepStrictEqual(await upcoming(), ["Grace", "Ada"])
        await api.delete(`${path}/${id}`, { token })
        assert.deepStrictEqual(await upcoming(), ["Ada"])
        const { token: stranger } = await signUp()
        assert.deepStrictEqual(namesIn(await api.get(birthdaysPath, { token: stranger })), [])
      })
    })

    it("takes the curl commands of contact-notes-system.md as they are printed", async () => {
      const run = async (command: string) => {
        const { stdout } = await promisify(execFile)("sh", ["-c", `${command} -sS -w '\n%{http_code}'`])
        const [, text = "", status = ""] = /^(.*)\n(\d+)$/s.exec(stdout) ?? []
        return { status: Number(status), body: JSON.parse(text) as Record<string, unknown> }
      }
      const here = (command: string) => run(command.replace("http://localhost:8000", api.url))

      const registered = await here(`curl -X 'POST' \\
  'http://localhost:8000/api/v1/auth/register' \\
  -H 'accept: application/json' \\
  -H 'Content-Type: application/json' \\
  -d '{
  "username": "your_username",
  "email": "your_email@example.com",
  "password": "your_password"
}'`)
      assert.strictEqual(registered.status, 201)

      const signedIn = await here(`curl -X 'POST' \\
  'http://localhost:8000/api/v1/auth/token' \\
  -H 'accept: application/json' \\
  -H 'Content-Type: application/x-www-form-urlencoded' \\
  -d 'username=your_username&password=your_password'`)
      assert.strictEqual(signedIn.status, 200)
      const token = String(signedIn.body["access_token"])
      api.secrets.add(token)

      const added = await here(
        `curl -X 'POST' \\
  'http://localhost:8000/api/v1/contacts/' \\
  -H 'accept: application/json' \\
  -H 'Content-Type: application/json' \\
  -H 'Authorization: Bearer your_access_token' \\
  -d '{
  "first_name": "John",
  "last_name": "Doe",
  "email": "john@example.com",
  "phone": "1234567890",
  "company": "Example Corp",
  "title": "Developer"
}'`.replace("your_access_token", token)
      )
      assert.strictEqual(added.status, 201)
      expect(added.body).toMatchObject({ first_name: "John", last_name: "Doe", company: "Example Corp" })
      const [found] = (await list(token)).body as ReadonlyArray<unknown>
      assert.deepStrictEqual(found, added.body)
    })
  },
  { env: { PUBLIC_URL: `${publicUrl}/` } }
)
