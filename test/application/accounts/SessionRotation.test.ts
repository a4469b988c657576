import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Option, Redacted, Schema } from "effect"
import { TestClock } from "effect/testing"
import type { Sessions } from "../../../src/application/accounts/Sessions.ts"
import { Tokens } from "../../../src/domain/accounts/Tokens.ts"
import { advance } from "../RookeryTest.ts"
import { asks, instance, Logged, open, refused, rotate, SessionWorld, test } from "./SessionWorld.ts"

type Instance = Sessions["Service"]

const openV1 = (sessions: Instance) => open(sessions, { dialect: "v1" })

const isAlive = (sessions: Instance, access: string) => Effect.isSuccess(sessions.authenticate(access))

/** Ways of showing a refresh token where it opens nothing. */
const elsewhere = {
  "as an access token": (sessions: Instance, token: string) => sessions.authenticate(token),
  "to the refresh step of another dialect": (sessions: Instance, token: string) => sessions.refresh(token, "classic"),
  "to the rotation of another dialect": (sessions: Instance, token: string) => sessions.rotate(token, "talk")
}

describe("rotation", () => {
  test(
    "gives a new pair for the current refresh token, in one round trip",
    Effect.gen(function* () {
      const sessions = yield* instance
      const first = yield* openV1(sessions)
      assert.deepStrictEqual(yield* asks(sessions.rotate(first.refresh, "v1")), ["rotate"])
      const second = yield* rotate(sessions, first.refresh)
      assert.notStrictEqual(second.refresh, first.refresh)
      assert.strictEqual((yield* sessions.authenticate(second.access)).id, first.session.id)
      const third = yield* rotate(sessions, second.refresh)
      assert.strictEqual(new Set([first.refresh, second.refresh, third.refresh]).size, 3)
      for (const { access } of [first, second, third]) yield* sessions.authenticate(access)
    })
  )

  test(
    "takes no access token, none of another dialect and nothing that is no token, and ends nothing for it",
    Effect.gen(function* () {
      const sessions = yield* instance
      const [mine, classic] = [yield* openV1(sessions), yield* open(sessions)]
      for (const token of [mine.access, classic.refresh, classic.access, "", `${mine.refresh}x`]) {
        yield* refused(sessions.rotate(token, "v1"))
      }
      for (const show of Object.values(elsewhere)) yield* refused(show(sessions, mine.refresh))
      yield* rotate(sessions, mine.refresh)
      yield* sessions.refresh(classic.refresh, "classic")
    })
  )

  test(
    "starts the session's time anew",
    Effect.gen(function* () {
      const sessions = yield* instance
      const first = yield* openV1(sessions)
      yield* advance("179 minutes")
      const second = yield* rotate(sessions, first.refresh)
      yield* advance("179 minutes")
      const third = yield* rotate(sessions, second.refresh)
      yield* advance("3 hours")
      yield* refused(sessions.rotate(third.refresh, "v1"))
    })
  )

  test(
    "gives all who come at once the same pair",
    Effect.gen(function* () {
      const [here, there] = [yield* instance, yield* instance]
      const first = yield* openV1(here)
      const attempts = Array.from({ length: 10 }, (_, index) => rotate(index % 2 === 0 ? here : there, first.refresh))
      const pairs = yield* Effect.all(attempts, { concurrency: "unbounded" })
      const [current, ...others] = new Set(pairs.map(({ refresh }) => refresh))
      assert.isEmpty(others)
      for (const { access } of pairs) yield* there.authenticate(access)
      yield* advance("1 minute")
      yield* rotate(here, current ?? "")
      assert.isEmpty(yield* Logged)
    })
  )

  test(
    "forgives a replaced token for 10 seconds",
    Effect.gen(function* () {
      const sessions = yield* instance
      const first = yield* openV1(sessions)
      const second = yield* rotate(sessions, first.refresh)
      for (const wait of ["4 seconds", "6 seconds"] as const) {
        yield* advance(wait)
        for (const show of Object.values(elsewhere)) yield* refused(show(sessions, first.refresh))
        const again = yield* rotate(sessions, first.refresh)
        assert.strictEqual(again.refresh, second.refresh)
        assert.notStrictEqual(again.access, second.access)
        yield* sessions.authenticate(again.access)
      }
      assert.isEmpty(yield* Logged)
    })
  )

  test(
    "ends the session when a replaced token comes later, everywhere and once, and tells of it without the token",
    Effect.gen(function* () {
      const [here, there] = [yield* instance, yield* instance]
      const first = yield* openV1(here)
      const other = yield* open(here, { accountId: first.session.accountId })
      const second = yield* rotate(here, first.refresh)
      yield* there.authenticate(second.access)
      yield* advance("10001 millis")
      const attempts = Array.from({ length: 10 }, () => refused(here.rotate(first.refresh, "v1")))
      yield* Effect.all(attempts, { concurrency: "unbounded" })
      yield* advance()
      yield* refused(here.authenticate(second.access))
      yield* refused(there.authenticate(second.access))
      yield* refused(here.rotate(second.refresh, "v1"))
      yield* here.authenticate(other.access)

      const [line = "", ...more] = yield* Logged
      assert.isEmpty(more)
      const entry = Schema.decodeUnknownSync(
        Schema.fromJsonString(Schema.Struct({ level: Schema.String, annotations: Schema.Unknown }))
      )(line)
      assert.strictEqual(entry.level, "WARN")
      const { accountId, id: sessionId } = first.session
      assert.deepStrictEqual(entry.annotations, { accountId, sessionId })
      for (const token of [first.refresh, second.refresh, second.access]) assert.notInclude(line, token)
    })
  )

  test(
    "forgives none that was replaced twice",
    Effect.gen(function* () {
      const sessions = yield* instance
      const first = yield* openV1(sessions)
      const third = yield* rotate(sessions, (yield* rotate(sessions, first.refresh)).refresh)
      yield* refused(sessions.rotate(first.refresh, "v1"))
      assert.isFalse(yield* isAlive(sessions, third.access))
    })
  )

  for (const [where, show] of Object.entries(elsewhere)) {
    test(
      `ends the session of a replaced token that is shown ${where}`,
      Effect.gen(function* () {
        const sessions = yield* instance
        const first = yield* openV1(sessions)
        const second = yield* rotate(sessions, first.refresh)
        yield* advance("11 seconds")
        yield* refused(show(sessions, first.refresh))
        assert.isFalse(yield* isAlive(sessions, second.access))
        assert.lengthOf(yield* Logged, 1)
      })
    )
  }

  for (const [wait, warnings] of [
    ["1 second", 0],
    ["11 seconds", 1]
  ] as const) {
    test(
      `ends the session by a token that was replaced ${wait} ago, and warns ${warnings} times`,
      Effect.gen(function* () {
        const sessions = yield* instance
        const first = yield* openV1(sessions)
        const second = yield* rotate(sessions, first.refresh)
        yield* advance(wait)
        yield* sessions.end(first.refresh)
        assert.isFalse(yield* isAlive(sessions, second.access))
        assert.lengthOf(yield* Logged, warnings)
      })
    )
  }

  test(
    "tells nothing of a token whose session was over anyway",
    Effect.gen(function* () {
      const sessions = yield* instance
      const [ended, ranOut] = [yield* openV1(sessions), yield* openV1(sessions)]
      const { access } = yield* rotate(sessions, ended.refresh)
      yield* rotate(sessions, ranOut.refresh)
      yield* sessions.end(access)
      yield* advance("3 hours")
      for (const { refresh } of [ended, ranOut]) {
        yield* refused(sessions.rotate(refresh, "v1"))
        yield* refused(sessions.authenticate(refresh))
      }
      assert.isEmpty(yield* Logged)
    })
  )

  test(
    "refuses who comes second, and ends nothing, where nobody can sign the current token again",
    Effect.gen(function* () {
      const sessions = yield* instance
      const first = yield* openV1(sessions)
      const second = yield* rotate(sessions, first.refresh)
      const Forgetful = Layer.effect(
        Tokens,
        Tokens.useSync((tokens) => Tokens.of({ ...tokens, signAgain: () => Effect.succeedNone }))
      )
      const elsewhere = yield* instance.pipe(Effect.provide(Forgetful))
      yield* refused(elsewhere.rotate(first.refresh, "v1"))
      yield* rotate(sessions, second.refresh)
    })
  )

  /** To wait so long, and then to show the token of so many generations ago. */
  const Step = Schema.Struct({
    wait: Schema.Literals([0, 1, 4999, 9999, 10_000, 10_001, 15_000]),
    back: Schema.Literals([0, 0, 1, 1, 2])
  })

  it.effect.prop("answers whatever comes as it should", [Schema.Array(Step)], ([steps]) =>
    Effect.gen(function* () {
      const sessions = yield* instance
      const opened = yield* openV1(sessions)
      const issued = [opened.refresh]
      let sinceRotation = 0
      for (const { back, wait } of steps) {
        yield* TestClock.adjust(wait)
        sinceRotation += wait
        const generation = Math.max(0, issued.length - 1 - back)
        const age = issued.length - 1 - generation
        const answer = yield* Effect.option(sessions.rotate(issued[generation] ?? "", "v1"))
        const refreshToken = Option.getOrUndefined(Option.map(answer, (pair) => Redacted.value(pair.refreshToken)))
        if (age === 0) {
          assert.isDefined(refreshToken)
          assert.notInclude(issued, refreshToken)
          issued.push(refreshToken ?? "")
          sinceRotation = 0
        } else if (age === 1 && sinceRotation <= 10_000) {
          assert.strictEqual(refreshToken, issued.at(-1))
        } else {
          assert.isUndefined(refreshToken)
          assert.isFalse(yield* isAlive(sessions, opened.access))
          return
        }
      }
      yield* sessions.authenticate(opened.access)
    }).pipe(Effect.provide(SessionWorld))
  )
})
