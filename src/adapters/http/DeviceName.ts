import { Effect } from "effect"

/** What a program calls itself, without its version's details: the first product of RFC 9110, 10.1.5. */
const product = /^[!-~]{1,64}/

/** Where no browser is known by the text, its name is some part of that. */
const browserName = /^(?!Mozilla)[A-Za-z][\w .()+-]{0,63}$/

/**
 * What people call the device behind a `User-Agent`: `Firefox on Linux` for a browser, `curl/8.5.0` for what names itself.
 * Null where there is nothing to go by. Anybody can call himself anything: it is for the owner's eyes only.
 */
export const deviceName = (userAgent: string | null): Effect.Effect<string | null> =>
  userAgent === null
    ? Effect.succeed(null)
    : Effect.map(
        // Few ask, and it knows many browsers.
        Effect.promise(() => import("bowser")),
        ({ default: Bowser }) => {
          const [named = null] = product.exec(userAgent) ?? []
          // All browsers call themselves Mozilla; of others it guesses wildly.
          if (!userAgent.startsWith("Mozilla/")) return named
          const { browser, os } = Bowser.parse(userAgent)
          if (browser.name === undefined || !browserName.test(browser.name)) return named
          return os.name === undefined ? browser.name : `${browser.name} on ${os.name}`
        }
      )
