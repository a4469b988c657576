import { afterAll, assert, beforeAll, it } from "vitest"
import { otlpCollector } from "../adapters/telemetry/OtlpCollector.ts"
import { ogg } from "../contracts/Clips.ts"
import { ApiClient } from "../support/ApiClient.ts"
import { type RookeryServer, startRookery, stopRookery, temporaryFolder } from "../support/RookeryServer.ts"
import { TestScope } from "./Suites.ts"
import { byPath, byQuery, clipId, download, uploadClip } from "./TalkClips.ts"
import { befriend, messagesWith, sendText, signInTalker, signUpTalker, talkerVariables } from "./Talkers.ts"

const scope = new TestScope()
const open = () => scope.open(otlpCollector)
let collector: Awaited<ReturnType<typeof open>>
let rookery: RookeryServer
beforeAll(async () => {
  collector = await open()
  const env = {
    ...talkerVariables,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    LOG_LEVEL: "All",
    RATE_LIMIT_PER_MINUTE: "0"
  }
  rookery = await scope.open(startRookery({ dataDir: await scope.open(temporaryFolder), env }))
}, 60_000)
afterAll(scope.close, 60_000)

it("shows no token, number, name or word of a talk to logs, traces and metrics", { timeout: 120_000 }, async () => {
  const api = new ApiClient(rookery.url)
  const [ada, bob] = [await signUpTalker(api), await signUpTalker(api)]
  await befriend(api, ada, bob)
  const [name, text] = ["Ada of the lighthouse", "Meet me at the lighthouse"]
  await api.put("/api/contacts/update", { phone_number: ada.phone, display_name: name }, bob)
  await sendText(api, ada, bob, text)
  await messagesWith(api, bob, ada)
  const id = clipId(await uploadClip(api, ada, ogg(1)))
  for (const path of [byPath(id), byQuery(id)]) {
    const shown = `${path}${path.includes("?") ? "&" : "?"}token=${ada.token}`
    for (const headers of [{}, { range: "bytes=0-0" }, { range: "bytes=999999999-" }, { "if-none-match": "*" }]) {
      assert.isBelow((await download(api, shown, { headers })).status, 417)
    }
    assert.strictEqual((await download(api, `${shown}x`)).status, 401)
  }
  await signInTalker(api, ada)
  await api.get(`/api/contacts/%2B${ada.phone}/`, bob)
  const metrics = (await api.get("/metrics")).text
  await stopRookery(rookery)

  const received = collector.received.map(({ body }) => body.toString("latin1")).join()
  for (const name of ["GET /api/messages/media/:media_content_id", "GET /api/messages/media", "MediaLibrary.open"]) {
    assert.include(received, name)
  }
  assert.include(metrics, 'route="/api/messages/:phone_number"')
  const secrets = [...api.secrets, ada.phone, bob.phone, name, text]
  assert.isAtLeast(secrets.length, 7)
  for (const secret of secrets) {
    for (const [where, shown] of Object.entries({ received, metrics, output: rookery.output() })) {
      assert.notInclude(shown, secret, where)
      assert.notInclude(shown, secret.slice(-40), where)
    }
  }
})
