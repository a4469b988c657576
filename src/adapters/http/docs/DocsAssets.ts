import { Effect } from "effect"
import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"

const { resolve } = createRequire(import.meta.url)

const text = (path: string | URL): Effect.Effect<string> =>
  Effect.map(
    Effect.promise(() => readFile(path, "utf8")),
    // The maps are not served.
    (code) => code.replace(/\n\/[/*]# sourceMappingURL=.*\s*$/, "\n")
  )

/** A file of an installed package. */
const packaged = (file: string) => Effect.suspend(() => text(resolve(file)))

/** A file beside this one. */
const own = (file: string) => text(new URL(file, import.meta.url))

/** The one thing that ReDoc loads from another host; without it the line "API docs by Redocly" stands alone. */
const foreignLogo = "https://cdn.redoc.ly/redoc/logo-mini.svg"

const script = "text/javascript; charset=utf-8"

/** The files of the pages, read when they are first asked for. */
export const docsAssets = [
  {
    path: "/docs/swagger-ui-bundle.js",
    contentType: script,
    load: packaged("swagger-ui-dist/swagger-ui-bundle.js")
  },
  {
    path: "/docs/swagger-ui.css",
    contentType: "text/css; charset=utf-8",
    load: packaged("swagger-ui-dist/swagger-ui.css")
  },
  { path: "/docs/init.js", contentType: script, load: own("swagger-init.js") },
  { path: "/docs/favicon.svg", contentType: "image/svg+xml; charset=utf-8", load: own("favicon.svg") },
  {
    path: "/redoc/redoc.standalone.js",
    contentType: script,
    load: Effect.map(packaged("redoc/bundles/redoc.standalone.js"), (code) => code.replaceAll(foreignLogo, "data:,"))
  },
  { path: "/redoc/init.js", contentType: script, load: own("redoc-init.js") }
] as const
