import { Effect, Layer } from "effect"
import { HttpRouter } from "effect/http"
import type { HttpApi } from "effect/http-api"
import { RequestInfo } from "../RequestInfo.ts"
import type { RouteKey } from "../RouteTable.ts"
import { asyncApiText } from "./AsyncApiDocument.ts"
import type { SocketChannel } from "./AsyncApiSockets.ts"
import { docsAssets } from "./DocsAssets.ts"
import { redocHeaders, redocPage, swaggerHeaders, swaggerPage } from "./DocsPages.ts"
import { landingHeaders, landingPage } from "./LandingPage.ts"
import { documentText } from "./OpenApiDocument.ts"
import { projectVersion } from "./ProjectVersion.ts"
import { staticContent, type StaticContentOptions } from "./StaticContent.ts"

export interface DocsOptions {
  /** Where the outside reaches the server, without a slash at the end. */
  readonly publicUrl: string
  readonly sockets: ReadonlyArray<SocketChannel>
}

interface Document extends Omit<StaticContentOptions, "cacheControl"> {
  readonly path: RouteKey["path"]
  readonly load: Effect.Effect<string>
}

const html = "text/html; charset=utf-8"

const pages = (
  apis: ReadonlyArray<HttpApi.Constraint>,
  { publicUrl, sockets }: DocsOptions
): ReadonlyArray<Document> => [
  {
    path: "/",
    contentType: html,
    headers: landingHeaders,
    load: Effect.sync(() => landingPage({ publicUrl, version: projectVersion() }))
  },
  { path: "/docs", contentType: html, headers: swaggerHeaders, load: Effect.succeed(swaggerPage) },
  { path: "/redoc", contentType: html, headers: redocHeaders, load: Effect.succeed(redocPage) },
  {
    path: "/openapi.json",
    contentType: "application/json",
    load: Effect.sync(() => documentText(apis))
  },
  {
    path: "/asyncapi.json",
    contentType: "application/json",
    load: Effect.sync(() => asyncApiText(sockets))
  }
]

const route = (document: Document, cacheControl: string) =>
  Layer.unwrap(
    Effect.map(staticContent(document.load, { ...document, cacheControl }), (answer) =>
      HttpRouter.add(
        "GET",
        document.path,
        Effect.flatMap(RequestInfo, (info) => {
          info.route = document.path
          return answer
        })
      )
    )
  )

/** `/`, `/docs`, `/redoc`, `/openapi.json`, `/asyncapi.json` and the files of the pages. Nothing is read or made before it is asked for. */
export const DocsRoutes = (apis: ReadonlyArray<HttpApi.Constraint>, options: DocsOptions) => {
  const [first, ...others] = [
    ...pages(apis, options).map((page) => route(page, "no-cache")),
    ...docsAssets.map((asset) => route(asset, "public, max-age=3600"))
  ]
  return first === undefined ? Layer.empty : Layer.mergeAll(first, ...others)
}

export const docsPaths: ReadonlyArray<RouteKey> = [
  ...(["/", "/docs", "/redoc", "/openapi.json", "/asyncapi.json"] as const),
  ...docsAssets.map(({ path }) => path)
].map((path) => ({ method: "GET", path }))
