import { Effect, type Scope } from "effect"
import { mkdirSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Browser, chromium, type Page } from "playwright-core"

const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync"
]

/** A browser that asks nobody for anything but what its pages name. */
export const launchBrowser = (executablePath: string): Effect.Effect<Browser, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.promise(() => chromium.launch({ executablePath, args: flags })),
    (browser) => Effect.promise(() => browser.close())
  )

/** A page, and everything that went on in it. */
export interface WatchedPage {
  readonly page: Page
  /** The URLs that it asked for, those of its workers included. */
  readonly requested: ReadonlyArray<string>
  /** Errors and warnings of its console, exceptions, and what its Content Security Policy has stopped. */
  readonly complaints: ReadonlyArray<string>
  /** Keeps a picture in the machine's folder for temporary files, for people to look at. */
  readonly picture: (name: string) => Promise<void>
}

export const watchedPage = async (browser: Browser): Promise<WatchedPage> => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-GB" })
  const page = await context.newPage()
  const requested: Array<string> = []
  const complaints: Array<string> = []
  context.on("request", (request) => requested.push(request.url()))
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text())
  })
  page.on("pageerror", (error) => complaints.push(error.message))
  await page.exposeFunction("complain", (text: string) => complaints.push(text))
  await page.addInitScript(
    "document.addEventListener('securitypolicyviolation', (e) => complain(`${e.violatedDirective} ${e.blockedURI}`))"
  )
  const folder = join(tmpdir(), "rookery-screenshots")
  mkdirSync(folder, { recursive: true })
  const picture = async (name: string) => {
    await page.screenshot({ path: join(folder, `${name}.png`) })
  }
  return { page, requested, complaints, picture }
}
