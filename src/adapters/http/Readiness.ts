import { Context, Duration, Effect, Layer } from "effect"

/** Whether a part that the server can't do without answers. */
export interface ReadinessCheck {
  readonly name: string
  readonly answers: Effect.Effect<boolean>
}

export interface ReadinessReport {
  readonly ready: boolean
  readonly checks: Record<string, "up" | "down">
}

/** A part that has not answered by then is down. */
const patience = Duration.seconds(2)

/** Asked at most once a second, however many ask. */
const remembered = Duration.seconds(1)

export class Readiness extends Context.Service<Readiness, { readonly report: Effect.Effect<ReadinessReport> }>()(
  "rookery/adapters/http/Readiness"
) {
  static readonly layer = <E, R>(checks: Effect.Effect<ReadonlyArray<ReadinessCheck>, E, R>) =>
    Layer.effect(
      Readiness,
      Effect.gen(function* () {
        const all = yield* checks
        const report = Effect.gen(function* () {
          const answers = yield* Effect.forEach(
            all,
            ({ answers, name }) =>
              answers.pipe(
                Effect.timeoutOrElse({ duration: patience, orElse: () => Effect.succeed(false) }),
                Effect.catchCause(() => Effect.succeed(false)),
                Effect.map((up) => [name, up ? "up" : "down"] as const)
              ),
            { concurrency: "unbounded" }
          )
          return { ready: answers.every(([, state]) => state === "up"), checks: Object.fromEntries(answers) }
        })
        return Readiness.of({ report: yield* Effect.cachedWithTTL(report, remembered) })
      })
    )
}
