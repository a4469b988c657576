import { Effect, HashMap, Layer, Option, Redacted, Result } from "effect"
import { Secrets } from "../../domain/shared/Secrets.ts"
import { MemoryWorld } from "./MemoryWorld.ts"

export const SecretsMemory = Layer.effect(
  Secrets,
  Effect.gen(function* () {
    const world = yield* MemoryWorld

    const getOrCreate = Effect.fn("Secrets.getOrCreate")(function* (name: string, generate: Effect.Effect<string>) {
      const found = yield* world.read(({ secrets }) => HashMap.get(secrets, name))
      if (Option.isSome(found)) return Redacted.make(found.value)
      const generated = yield* generate
      return yield* world.change((before) => {
        const value = Option.getOrElse(HashMap.get(before.secrets, name), () => generated)
        return Result.succeed([Redacted.make(value), { ...before, secrets: HashMap.set(before.secrets, name, value) }])
      })
    })

    return Secrets.of({ getOrCreate })
  })
)
