import type { Browser, Locator } from "playwright-core"
import { afterAll, assert, beforeAll, expect, it } from "vitest"
import { ApiClient } from "../support/ApiClient.ts"
import { type RookeryServer, startRookery, temporaryFolder } from "../support/RookeryServer.ts"
import { chromiumPath, describeWith } from "../support/Services.ts"
import { launchBrowser, watchedPage, type WatchedPage } from "./BrowserPages.ts"
import { TestScope } from "./Suites.ts"
import { closeDialog, execute, openDialog, pasteToken, signIn } from "./SwaggerPages.ts"
import { freshEmail, linkIn, register, signUp } from "./V1Accounts.ts"
import { picture } from "./V1Avatars.ts"

const asItIs = async () => {}
const write = (body: object) => (block: Locator) => block.locator("textarea").first().fill(JSON.stringify(body))

describeWith(chromiumPath)("v1 in Swagger UI", () => {
  const scope = new TestScope()
  let rookery: RookeryServer
  let browser: Browser
  let api: ApiClient

  const open = async (watched?: WatchedPage): Promise<WatchedPage> => {
    const opened = watched ?? (await watchedPage(browser))
    await opened.page.goto(`${rookery.url}/docs`, { waitUntil: "networkidle" })
    return opened
  }
  const stored = ({ page }: WatchedPage) => page.evaluate<string>("JSON.stringify({ ...localStorage })")
  const signedIn = (form: Locator) => form.locator("button", { hasText: "Logout" }).waitFor()

  beforeAll(async () => {
    const dataDir = await scope.open(temporaryFolder)
    rookery = await scope.open(startRookery({ dataDir, env: { RATE_LIMIT_PER_MINUTE: "0" } }))
    browser = await scope.open(launchBrowser(chromiumPath ?? ""))
    api = new ApiClient(rookery.url)
  }, 120_000)
  afterAll(scope.close, 60_000)

  it(
    "registers, signs in by user and password, adds a contact, and is signed in after a reload",
    { timeout: 120_000 },
    async () => {
      const watched = await open()
      const { complaints, page } = watched
      const [username, email, password] = [api.username(), freshEmail(api), api.password()]
      const registered = await execute(page, "auth-registerAccount", write({ username, email, password }))
      assert.strictEqual(registered.shown, 201)
      await signedIn(await signIn(page, { username, password }))
      await watched.picture("docs-v1-signed-in")
      await closeDialog(page)

      const added = await execute(page, "contacts-addContact", asItIs)
      assert.strictEqual(added.shown, 201)
      expect(added.body).toMatchObject({ id: expect.any(Number), first_name: "Alice", birthday: "1990-05-15" })
      const inPath = (block: Locator) => block.locator('[placeholder="contact_id"]').fill(String(added.body.id))
      assert.deepStrictEqual(await execute(page, "contacts-searchContacts", asItIs), { shown: 200, body: [added.body] })
      const changed = await execute(page, "contacts-changeContact", inPath)
      assert.strictEqual(changed.shown, 200)
      const note = await execute(page, "notes-addNote", inPath)
      expect(note).toMatchObject({ shown: 201, body: { contact_id: added.body.id } })

      await page.reload({ waitUntil: "networkidle" })
      await page.locator(".scheme-container button.authorize.locked").waitFor()
      assert.deepStrictEqual(await execute(page, "contacts-readContact", inPath), { shown: 200, body: changed.body })
      const kept = await stored(watched)
      assert.include(kept, "access_token")
      assert.notInclude(kept, password)

      const form = await openDialog(page, "password")
      await form.locator("button", { hasText: "Logout" }).click()
      await closeDialog(page)
      assert.strictEqual((await execute(page, "contacts-readContact", inPath)).shown, 401)
      assert.deepStrictEqual(
        complaints.filter((complaint) => !complaint.includes("status of 401")),
        []
      )
    }
  )

  it("signs in by e-mail address, once it has been verified", { timeout: 120_000 }, async () => {
    const watched = await open()
    const { page } = watched
    const { email, password } = await register(api)
    const refused = await signIn(page, { username: email, password })
    const complaint = refused.locator(".errors", { hasText: "has not been verified yet: open the link in the mail" })
    await complaint.waitFor()
    await watched.picture("docs-v1-unverified")
    assert.notInclude(await stored(watched), "access_token")

    await closeDialog(page)
    const token = await linkIn(api, email, "verification")
    const verified = await execute(page, "auth-verifyEmail", (block) =>
      block.locator('[placeholder="token"]').fill(token)
    )
    assert.strictEqual(verified.shown, 200)
    await signedIn(await signIn(page, { username: email, password }))
    await closeDialog(page)
    expect(await execute(page, "users-getAccount", asItIs)).toMatchObject({ shown: 200, body: { email } })
  })

  it("takes a token that is pasted after the word Bearer, and keeps it", { timeout: 120_000 }, async () => {
    const watched = await open()
    const { page } = watched
    const { email, token } = await signUp(api)
    await signedIn(await pasteToken(page, `Bearer ${token}`))
    await closeDialog(page)
    assert.strictEqual((await execute(page, "contacts-addContact", asItIs)).shown, 201)
    await page.reload({ waitUntil: "networkidle" })
    const me = await execute(page, "users-getAccount", asItIs)
    expect(me).toMatchObject({ shown: 200, body: { email, is_verified: true } })
  })

  it("uploads a picture that the browser then shows", { timeout: 120_000 }, async () => {
    const watched = await open()
    const { complaints, page } = watched
    const { token } = await signUp(api)
    await signedIn(await pasteToken(page, token))
    await closeDialog(page)
    const file = { name: "me.png", mimeType: "image/png", buffer: await picture(900, 600) }
    const uploaded = await execute(page, "users-uploadAvatar", (block) =>
      block.locator('input[type="file"]').setInputFiles(file)
    )
    assert.strictEqual(uploaded.shown, 200)
    assert.deepStrictEqual(complaints, [])

    const elsewhere = await watchedPage(browser)
    await elsewhere.page.setContent(`<img src="${rookery.url}${new URL(uploaded.body.avatar_url).pathname}">`)
    await elsewhere.page.waitForFunction("document.images[0].complete")
    assert.strictEqual(await elsewhere.page.evaluate("document.images[0].naturalWidth"), 512)
    assert.deepStrictEqual(elsewhere.complaints, [])
  })
})
