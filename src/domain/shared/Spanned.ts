import { Effect, References } from "effect"

/**
 * A span for what every request does: as `Effect.withSpan` where spans are collected, and nothing at all where they are
 * not. (`Effect.fn` notes the place of each call, for errors to show: two microseconds, traced or not.)
 */
export const spanned =
  (name: string) =>
  <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.withFiber((fiber) => (fiber.getRef(References.TracerEnabled) ? Effect.withSpan(effect, name) : effect))
