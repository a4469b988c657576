import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { deviceName } from "../../../src/adapters/http/DeviceName.ts"

const named: ReadonlyArray<readonly [userAgent: string | null, device: string | null]> = [
  ["Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox on Linux"],
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
    "Microsoft Edge on Windows"
  ],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
    "Safari on iOS"
  ],
  [
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
    "Chrome on Android"
  ],
  ["Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Googlebot"],
  ["curl/8.5.0", "curl/8.5.0"],
  ["okhttp/4.9.0", "okhttp/4.9.0"],
  ["node", "node"],
  ["MyApp/2.0 (Android 14; Pixel 8) okhttp/4.9", "MyApp/2.0"],
  ["Foo/1 Bar/2 (x)", "Foo/1"],
  ["Mozilla/5.0", "Mozilla/5.0"],
  ["Mozilla/5.0 (", "Mozilla/5.0"],
  ["Mozilla/5.0 <b>x</b>/1.0 y", "Mozilla/5.0"],
  [`Mozilla/5.0 ${"x".repeat(400)}/1.0 y`, "Mozilla/5.0"],
  ["x".repeat(512), "x".repeat(64)],
  ["\u00e9\u00e8", null],
  [" ", null],
  ["", null],
  [null, null]
]

describe("deviceName", () => {
  it.effect.each(named)("calls %s %s", ([userAgent, device]) =>
    Effect.gen(function* () {
      assert.strictEqual(yield* deviceName(userAgent), device)
    })
  )

  it.effect("takes no long time for what is made to take one", () =>
    Effect.gen(function* () {
      const started = performance.now()
      for (const part of ["Mozilla/5.0 ", "(", " /", "Android ", "Version/", "a/1.", "; rv:", "MSIE "]) {
        yield* deviceName(`Mozilla/5.0 ${part.repeat(512)}`.slice(0, 512))
      }
      assert.isBelow(performance.now() - started, 2000)
    })
  )
})
