import { assert, describe, it } from "vitest"
import { prefersPage } from "../../../src/adapters/http/Accept.ts"

describe("prefersPage", () => {
  it.each([
    "text/html",
    "TEXT/HTML; q=0.2",
    "text/*",
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    "text/html, application/json;q=0.9",
    "*/*;q=0.1, text/html;q=0.2"
  ])("gives a page to %s", (accept) => assert.isTrue(prefersPage(accept)))

  it.each([
    undefined,
    "",
    "*/*",
    "application/json",
    "application/json, text/html",
    "application/json, text/html;q=0.9, */*",
    "application/*, text/html;q=0.5",
    "text/html;q=0",
    "text/html;q=nonsense",
    "text/plain",
    "image/png,*/*;q=0.5",
    ";;,,=;q=",
    "text/html;q=0.5, */*"
  ])("gives JSON to %s", (accept) => assert.isFalse(prefersPage(accept)))
})
