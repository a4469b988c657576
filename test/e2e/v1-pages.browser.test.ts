import type { Browser } from "playwright-core"
import { afterAll, assert, beforeAll, it } from "vitest"
import { ApiClient } from "../support/ApiClient.ts"
import { type RookeryServer, startRookery, temporaryFolder } from "../support/RookeryServer.ts"
import { chromiumPath, describeWith } from "../support/Services.ts"
import { launchBrowser, watchedPage } from "./BrowserPages.ts"
import { TestScope } from "./Suites.ts"
import { linkIn, register, signIn } from "./V1Accounts.ts"

describeWith(chromiumPath)("links in mails, in a browser", () => {
  const scope = new TestScope()
  let rookery: RookeryServer
  let browser: Browser
  let api: ApiClient

  beforeAll(async () => {
    const dataDir = await scope.open(temporaryFolder)
    rookery = await scope.open(startRookery({ dataDir, env: { RATE_LIMIT_PER_MINUTE: "0" } }))
    browser = await scope.open(launchBrowser(chromiumPath ?? ""))
    api = new ApiClient(rookery.url)
  }, 120_000)
  afterAll(scope.close, 60_000)

  it("verify an address", { timeout: 120_000 }, async () => {
    const person = await register(api)
    const { complaints, page, picture } = await watchedPage(browser)
    await page.goto(`${rookery.url}/api/v1/auth/verify/${await linkIn(api, person.email, "verification")}`)
    assert.strictEqual(await page.locator("h1").textContent(), "Email verified")
    assert.strictEqual(await page.locator("main p").textContent(), "You can now log in.")
    await picture("v1-verified")
    await signIn(api, person.email, person.password)
    await page.goto(`${rookery.url}/api/v1/auth/verify/nonsense`)
    assert.strictEqual(await page.getByRole("alert").textContent(), "Invalid or expired verification link.")
    assert.deepStrictEqual(
      complaints.filter((complaint) => !complaint.includes("status of 400")),
      []
    )
  })

  it("set a new password by a form without a script", { timeout: 120_000 }, async () => {
    const person = await register(api)
    await api.post("/api/v1/auth/password/forgot", { email: person.email })
    const token = await linkIn(api, person.email, "reset")
    const { complaints, page, picture, requested } = await watchedPage(browser)
    await page.goto(`${rookery.url}/api/v1/auth/password/reset?token=${token}`)
    const field = page.getByLabel("New password")
    assert.isTrue(await field.evaluate((element) => element === element.ownerDocument.activeElement))
    await picture("v1-reset")

    // What the browser itself would not send.
    await field.evaluate((element) => element.removeAttribute("minlength"))
    await field.fill("short")
    await page.getByRole("button", { name: "Set password" }).click()
    await page.getByRole("alert").waitFor()
    assert.strictEqual(await page.getByRole("alert").textContent(), "Password must be at least 8 characters.")
    assert.notInclude(page.url(), token)
    await picture("v1-reset-again")

    const password = api.password()
    await field.fill(password)
    await page.getByRole("button", { name: "Set password" }).click()
    await page.getByRole("heading", { name: "Password changed" }).waitFor()
    await picture("v1-reset-done")
    await signIn(api, person.email, password)
    assert.isTrue(requested.every((url) => new URL(url).origin === rookery.url))
    assert.deepStrictEqual(
      complaints.filter((complaint) => !complaint.includes("status of 422")),
      []
    )
  })
})
