import { Context, Layer } from "effect"
import { FindMyWay, type HttpMethod, type HttpRouter } from "effect/http"
import { HttpApi, type HttpApiGroup } from "effect/http-api"

/**
 * How paths are matched, here and in the router: with and without trailing slash, letter by letter. A part of a path may be
 * a token, which is some 400 characters long.
 */
export const routerConfig = { ignoreTrailingSlash: true, caseSensitive: true, maxParamLength: 4096 } as const

export interface RouteKey {
  readonly method: HttpMethod.HttpMethod
  readonly path: HttpRouter.PathInput
}

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const

/** Which methods a path has, for the `Allow` of a 405 (RFC 9110, 15.5.6). */
export class RouteTable extends Context.Service<
  RouteTable,
  { readonly allowed: (url: string) => ReadonlyArray<string> }
>()("rookery/adapters/http/RouteTable") {
  static readonly layer = (routes: ReadonlyArray<RouteKey>) =>
    Layer.sync(RouteTable, () => {
      const router = FindMyWay.make<true>(routerConfig)
      for (const { method, path } of routes) router.on(method, path, true)
      return RouteTable.of({
        allowed: (url) => {
          const found: Array<string> = methods.filter((method) => router.find(method, url) !== undefined)
          if (found.length === 0) return []
          return [...found, ...(found.includes("GET") ? ["HEAD"] : []), "OPTIONS"]
        }
      })
    })
}

/** The routes of a dialect. */
export const routesOf = <Id extends string, Groups extends HttpApiGroup.Constraint>(
  api: HttpApi.HttpApi<Id, Groups>
): ReadonlyArray<RouteKey> => {
  const routes: Array<RouteKey> = []
  HttpApi.reflect(api, {
    onGroup: () => {},
    onEndpoint: ({ endpoint }) => routes.push({ method: endpoint.method, path: `/${endpoint.path.slice(1)}` })
  })
  return routes
}
