import type { Locator, Page } from "playwright-core"
import type { User } from "../support/ApiClient.ts"

/** What the Authorize dialog calls the two ways to sign in. */
const schemes = { password: "password (OAuth2, password)", bearer: "bearer (http, Bearer)" }

/** Opens the Authorize dialog; the part of it that is about one way to sign in. */
export const openDialog = async (page: Page, scheme: keyof typeof schemes): Promise<Locator> => {
  await page.locator(".scheme-container button.authorize").click()
  return page.locator(".auth-container", { hasText: schemes[scheme] })
}

/** Sends user and password in the Authorize dialog, which stays open. */
export const signIn = async (page: Page, { password, username }: Pick<User, "username" | "password">) => {
  const form = await openDialog(page, "password")
  await form.locator("#oauth_username").fill(username)
  await form.locator("#oauth_password").fill(password)
  await form.locator("button.authorize").click()
  return form
}

/** Pastes a token into the Authorize dialog, which stays open. */
export const pasteToken = async (page: Page, token: string) => {
  const form = await openDialog(page, "bearer")
  await form.locator("input").fill(token)
  await form.locator("button.authorize").click()
  return form
}

export const closeDialog = (page: Page) => page.locator(".modal-ux .btn-done").first().click()

/** Runs an operation with "Try it out"; its status and body. */
export const execute = async (page: Page, operation: string, fill: (block: Locator) => Promise<void>) => {
  const block = page.locator(`#operations-${operation}`)
  if ((await block.locator(".execute").count()) === 0) await block.locator(".opblock-summary-control").click()
  await fill(block)
  const answered = page.waitForResponse((response) => response.request().resourceType() === "fetch")
  await block.locator(".execute").click()
  const response = await answered
  const status = block.locator(".live-responses-table .response .response-col_status")
  await status.waitFor()
  return { shown: Number.parseInt((await status.textContent()) ?? "", 10), body: await response.json() }
}
