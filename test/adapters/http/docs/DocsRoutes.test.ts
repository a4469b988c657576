import { assert, describe, it, layer } from "@effect/vitest"
import { Effect } from "effect"
import { createHash } from "node:crypto"
import { brotliDecompressSync, gunzipSync } from "node:zlib"
import { docsAssets } from "../../../../src/adapters/http/docs/DocsAssets.ts"
import { docsPaths } from "../../../../src/adapters/http/docs/DocsRoutes.ts"
import { acceptedEncoding } from "../../../../src/adapters/http/docs/StaticContent.ts"
import { ask, DocsServer } from "./DocsServer.ts"

const pages = ["/", "/docs", "/redoc"]
const bundles = ["/docs/swagger-ui-bundle.js", "/docs/swagger-ui.css", "/redoc/redoc.standalone.js"]

layer(DocsServer)("documentation pages", (it) => {
  for (const { path } of docsPaths) {
    it.effect(`${path} answers with and without a slash, and to HEAD`, () =>
      Effect.gen(function* () {
        const answer = yield* ask(path)
        assert.strictEqual(answer.status, 200)
        assert.match(String(answer.headers["content-type"]), /^application\/json$|; charset=utf-8$/)
        assert.strictEqual(Number(answer.headers["content-length"]), answer.body.byteLength)
        assert.isDefined(answer.headers["x-request-id"])
        assert.deepStrictEqual((yield* ask(`${path}/`)).body, answer.body)
        const head = yield* ask(path, {}, "HEAD")
        assert.deepStrictEqual([head.status, head.body.byteLength], [200, 0])
        assert.strictEqual(head.headers.etag, answer.headers.etag)
      })
    )

    it.effect(`${path} is not sent again to who has it`, () =>
      Effect.gen(function* () {
        const { headers } = yield* ask(path)
        const again = yield* ask(path, { "if-none-match": `"other", W/${headers.etag}` })
        assert.deepStrictEqual([again.status, again.body.byteLength], [304, 0])
        assert.strictEqual(again.headers.etag, headers.etag)
        assert.strictEqual(again.headers["cache-control"], headers["cache-control"])
        assert.strictEqual((yield* ask(path, { "if-none-match": "*" })).status, 304)
        assert.strictEqual((yield* ask(path, { "if-none-match": '"other"' })).status, 200)
      })
    )
  }

  for (const path of [...bundles, "/openapi.json", "/asyncapi.json"]) {
    it.effect(`${path} is compressed for those who take it`, () =>
      Effect.gen(function* () {
        const plain = yield* ask(path)
        const br = yield* ask(path, { "accept-encoding": "gzip, deflate, br, zstd" })
        const gzip = yield* ask(path, { "accept-encoding": "gzip" })
        const sent = [plain, br, gzip].map(({ headers }) => headers["content-encoding"])
        assert.deepStrictEqual(sent, [undefined, "br", "gzip"])
        assert.isTrue(brotliDecompressSync(br.body).equals(plain.body))
        assert.isTrue(gunzipSync(gzip.body).equals(plain.body))
        assert.isBelow(br.body.byteLength, plain.body.byteLength / 2)
        assert.strictEqual(new Set([plain, br, gzip].map(({ headers }) => headers.etag)).size, 3)
        for (const { headers } of [plain, br, gzip]) assert.strictEqual(headers.vary, "Accept-Encoding")
        const known = { "accept-encoding": "br", "if-none-match": String(br.headers.etag) }
        assert.strictEqual((yield* ask(path, known)).status, 304)
      })
    )
  }

  it.effect("name no other host", () =>
    Effect.gen(function* () {
      for (const path of pages) {
        const page = (yield* ask(path)).body.toString()
        const loaded = [...page.matchAll(/(?:src|rel="(?:stylesheet|icon)"[^>]*href)="([^"]+)"/g)].map(([, url]) => url)
        assert.isNotEmpty(loaded)
        for (const url of loaded)
          assert.include(
            docsPaths.map((key) => key.path),
            url
          )
        assert.notMatch(page, /<script(?! src)|\son\w+=|@import|url\(/)
      }
      assert.notInclude((yield* ask("/redoc/redoc.standalone.js")).body.toString(), "cdn.redoc")
    })
  )

  it.effect("may load nothing but what this server serves", () =>
    Effect.gen(function* () {
      for (const path of pages) {
        const { headers } = yield* ask(path)
        const policy = String(headers["content-security-policy"])
        assert.match(policy, /^default-src 'none'; /)
        assert.match(policy, /base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/)
        assert.notMatch(policy, /https?:|\*|unsafe-eval|script-src[^;]*unsafe/)
        assert.strictEqual(headers["x-content-type-options"], "nosniff")
        assert.strictEqual(headers["referrer-policy"], "no-referrer")
      }
    })
  )

  it.effect("show the public address, and nothing of it as markup", () =>
    Effect.gen(function* () {
      const { body, headers } = yield* ask("/")
      const page = body.toString()
      assert.include(page, "curl https://rookery.example/?a=&#60;b&#62;&#38;c/auth/register")
      const style = /<style>([^]*)<\/style>/.exec(page)?.[1] ?? ""
      const hash = createHash("sha256").update(style).digest("base64")
      assert.include(String(headers["content-security-policy"]), `style-src 'sha256-${hash}'`)
    })
  )

  it.effect("refuse other methods", () =>
    Effect.gen(function* () {
      const answer = yield* ask("/docs", {}, "POST")
      assert.deepStrictEqual([answer.status, answer.headers.allow], [405, "GET, HEAD, OPTIONS"])
    })
  )
})

describe("acceptedEncoding", () => {
  it("follows the client's wishes in the server's order", () => {
    const wishes: ReadonlyArray<readonly [string | undefined, string | undefined]> = [
      [undefined, undefined],
      ["", undefined],
      ["identity", undefined],
      ["br", "br"],
      ["gzip;q=1.0, br;q=0.1", "br"],
      ["br;q=0, gzip", "gzip"],
      ["br; q=0.0, *;q=0.5", "gzip"],
      ["*", "br"],
      ["*;q=0", undefined],
      ["GZIP", "gzip"],
      ["gzip;q=nonsense", undefined]
    ]
    for (const [accept, encoding] of wishes) assert.strictEqual(acceptedEncoding(accept), encoding, accept)
  })

  it("is offered for assets that stay under 10 MB in memory, in all their forms", async () => {
    let bytes = 0
    for (const { load } of docsAssets) {
      const { byteLength } = Buffer.from(await Effect.runPromise(load))
      bytes += byteLength
    }
    // Compressed, each takes less than a half of what it is; two forms of it make one more.
    assert.isBelow(bytes * 2, 10_000_000)
  })
})
