import { Context, Effect, Layer } from "effect"

const isOurs = (key: string): boolean => key.startsWith("rookery/")

/** What requests hand to each other's parts, and what is not ours. */
const isCommon = (key: string): boolean => !isOurs(key) || key.startsWith("rookery/adapters/http/")

const filtered = <R>({ mapUnsafe }: Context.Context<R>, isKept: (key: string) => boolean): Context.Context<R> =>
  Context.makeUnsafe(new Map([...mapUnsafe].filter(([key]) => isKept(key))))

/**
 * The layer, built where nobody sees services of ours beyond these and those of `adapters/http`. What a layer of routes
 * sees when it is built, Effect gives to each of its requests, and copies: with the whole program in sight, that is ten
 * microseconds of each. A service that is missed fails the start.
 */
export const narrowed =
  (...services: ReadonlyArray<{ readonly key: string }>) =>
  <A, E, R>(layer: Layer.Layer<A, E, R>): Layer.Layer<A, E, R> => {
    const wanted = new Set(services.map(({ key }) => key))
    return Layer.fromBuild((memoMap, scope) =>
      Effect.updateContext(Layer.buildWithMemoMap(layer, memoMap, scope), (context: Context.Context<R>) =>
        filtered(context, (key) => isCommon(key) || wanted.has(key))
      )
    )
  }

/** Services of ours as a layer: for what is built inside of a {@link narrowed} one, and has to see them all the same. */
export const ours = <R>(context: Context.Context<R>): Layer.Layer<R> => Layer.succeedContext(filtered(context, isOurs))
