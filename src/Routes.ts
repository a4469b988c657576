import { Layer } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { ClassicApi } from "./adapters/http/classic/ClassicApi.ts"
import { ClassicAuthHandlers } from "./adapters/http/classic/ClassicAuthHandlers.ts"
import { ClassicContactsHandlers } from "./adapters/http/classic/ClassicContactsHandlers.ts"
import { ClassicMiddleware } from "./adapters/http/classic/ClassicMiddleware.ts"
import { ClassicNotesHandlers } from "./adapters/http/classic/ClassicNotesHandlers.ts"
import { docsPaths, DocsRoutes } from "./adapters/http/docs/DocsRoutes.ts"
import { type PipelineOptions, RequestPipeline } from "./adapters/http/RequestPipeline.ts"
import { routesOf, RouteTable } from "./adapters/http/RouteTable.ts"
import { systemPaths, SystemRoutes } from "./adapters/http/SystemRoutes.ts"

/** Every dialect that is spoken. */
export const apis = [ClassicApi] as const

const Classic = HttpApiBuilder.layer(ClassicApi).pipe(
  Layer.provide([ClassicAuthHandlers, ClassicContactsHandlers, ClassicNotesHandlers]),
  Layer.provide(ClassicMiddleware)
)

export interface RoutesOptions extends PipelineOptions {
  readonly publicUrl: string
}

/** Everything that is served. */
export const Routes = (options: RoutesOptions) =>
  Layer.mergeAll(Classic, SystemRoutes, DocsRoutes(apis, options)).pipe(
    Layer.provide(RequestPipeline(options)),
    Layer.provide(RouteTable.layer([...routesOf(ClassicApi), ...systemPaths, ...docsPaths]))
  )
