import { ConfigProvider, Effect, Layer, Option } from "effect"
import { ConfigurationError } from "./ConfigurationVariable.ts"

/** The process's environment, and for what it leaves out the `.env` file of the working directory. */
export const environment = Layer.unwrap(
  Effect.gen(function* () {
    const env = ConfigProvider.fromEnv()
    const file = yield* ConfigProvider.fromDotEnv().pipe(
      Effect.asSome,
      Effect.catchReason("PlatformError", "NotFound", () => Effect.succeedNone),
      Effect.mapError(
        ({ message }) =>
          new ConfigurationError({ variable: ".env", read: message, expected: "a file that can be read" })
      )
    )
    return ConfigProvider.layer(Option.isSome(file) ? ConfigProvider.orElse(env, file.value) : env)
  })
)
