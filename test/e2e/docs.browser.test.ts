import type { Browser, Locator } from "playwright-core"
import { afterAll, assert, beforeAll, it } from "vitest"
import { ApiClient } from "../support/ApiClient.ts"
import { type RookeryServer, startRookery, temporaryFolder } from "../support/RookeryServer.ts"
import { chromiumPath, describeWith } from "../support/Services.ts"
import { launchBrowser, watchedPage, type WatchedPage } from "./BrowserPages.ts"
import { TestScope } from "./Suites.ts"
import { closeDialog, execute, signIn } from "./SwaggerPages.ts"

describeWith(chromiumPath)("documentation in a browser", () => {
  const scope = new TestScope()
  let rookery: RookeryServer
  let browser: Browser
  let api: ApiClient

  const open = async (path: string, watched?: WatchedPage): Promise<WatchedPage> => {
    const opened = watched ?? (await watchedPage(browser))
    await opened.page.goto(`${rookery.url}${path}`, { waitUntil: "networkidle" })
    return opened
  }
  const assertAtHome = ({ complaints, requested }: WatchedPage) => {
    const home = (url: string) => new URL(url.replace(/^blob:/, "")).origin === rookery.url || url.startsWith("data:")
    assert.deepStrictEqual(
      requested.filter((url) => !home(url)),
      []
    )
    assert.deepStrictEqual(complaints, [])
  }

  beforeAll(async () => {
    const dataDir = await scope.open(temporaryFolder)
    rookery = await scope.open(startRookery({ dataDir, env: { RATE_LIMIT_PER_MINUTE: "0" } }))
    browser = await scope.open(launchBrowser(chromiumPath ?? ""))
    api = new ApiClient(rookery.url)
  }, 120_000)
  afterAll(scope.close, 60_000)

  it("Swagger UI signs in, creates a contact, reads it back, and stays signed in", { timeout: 120_000 }, async () => {
    const user = await api.signUp()
    const watched = await open("/docs")
    const { page, picture } = watched
    await picture("docs")

    const form = await signIn(page, user)
    await form.locator("button", { hasText: "Logout" }).waitFor()
    await picture("docs-signed-in")
    await closeDialog(page)

    const created = await execute(page, "contacts-createContact", (block) =>
      block.locator("textarea").fill('{"name": "Ada Lovelace", "phone_number": "09068641485"}')
    )
    assert.strictEqual(created.shown, 201)
    assert.deepInclude(created.body, { name: "Ada Lovelace", phone_number: "09068641485", user_id: user.id })
    await page.locator("#operations-contacts-createContact .live-responses-table").scrollIntoViewIfNeeded()
    await picture("docs-created")

    const fillId = (block: Locator) => block.locator('[placeholder="contact_id"]').fill(String(created.body.id))
    const read = await execute(page, "contacts-getContact", fillId)
    assert.deepStrictEqual(read, { shown: 200, body: created.body })

    await open("/docs", watched)
    await page.reload({ waitUntil: "networkidle" })
    await page.locator(".scheme-container button.authorize.locked").waitFor()
    assert.deepStrictEqual(await execute(page, "contacts-getContact", fillId), read)
    const kept = await page.evaluate<string>("JSON.stringify({ ...localStorage })")
    assert.include(kept, "access_token")
    assert.notInclude(kept, user.password)
    assertAtHome(watched)
  })

  it(
    "Swagger UI starts with a request that works, for each operation that takes a body",
    { timeout: 120_000 },
    async () => {
      const watched = await open("/docs")
      const registered = await execute(watched.page, "auth-registerUsername", async () => {})
      assert.strictEqual(registered.shown, 201)
      const form = await signIn(watched.page, { username: "chioma", password: "correct horse battery" })
      await form.locator("button", { hasText: "Logout" }).waitFor()
      await closeDialog(watched.page)
      const contact = await execute(watched.page, "contacts-createContact", async () => {})
      assert.strictEqual(contact.shown, 201)
      const note = await execute(watched.page, "notes-createNote", (block) =>
        block.locator('[placeholder="contact_id"]').fill(String(contact.body.id))
      )
      assert.strictEqual(note.shown, 201)
      assertAtHome(watched)
    }
  )

  it("Swagger UI says that a password is wrong", { timeout: 120_000 }, async () => {
    const user = await api.signUp()
    const watched = await open("/docs")
    const form = await signIn(watched.page, { ...user, password: "not the password" })
    await form.locator(".errors").waitFor()
    assert.match((await form.locator(".errors").textContent()) ?? "", /Invalid username, e-mail address or password/)
    assert.notInclude(await watched.page.evaluate<string>("JSON.stringify({ ...localStorage })"), "password")
  })

  it("ReDoc shows every operation, and searches", { timeout: 120_000 }, async () => {
    const watched = await open("/redoc")
    const { body } = await api.get("/openapi.json")
    const ids = JSON.stringify(body).match(/"operationId":"\w+"/g) ?? []
    const sections = watched.page.locator('[data-section-id^="operation/"]')
    await sections.first().waitFor()
    assert.strictEqual(await sections.count(), ids.length)
    await watched.picture("redoc")
    await watched.page.locator('input[placeholder="Search..."]').pressSequentially("rewrite")
    await watched.page.locator('[data-role="search:results"]', { hasText: "Rewrite a note" }).waitFor()
    await watched.page.locator('[data-section-id="tag/contacts/operation/createContact"]').scrollIntoViewIfNeeded()
    await watched.picture("redoc-operation")
    assertAtHome(watched)
  })

  it("the first page leads to the others", { timeout: 120_000 }, async () => {
    const watched = await open("/")
    await watched.picture("landing")
    const links = await watched.page.locator("a").evaluateAll((all) => all.map((link) => link.getAttribute("href")))
    assert.includeMembers(links, ["/docs", "/redoc", "/openapi.json", "/health"])
    for (const link of links) assert.strictEqual((await api.get(link ?? "")).status, 200, link ?? "")
    assertAtHome(watched)
  })
})
