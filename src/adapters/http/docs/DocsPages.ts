import { pageHeaders } from "../ContentPolicy.ts"

interface DocsPage {
  readonly title: string
  readonly scripts: ReadonlyArray<string>
  readonly styles?: ReadonlyArray<string>
}

/** A page that is made by its scripts. All of them are files of this server, so that its policy needs no exception. */
const docsPage = ({ scripts, styles = [], title }: DocsPage): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" type="image/svg+xml" href="/docs/favicon.svg">
${styles.map((path) => `<link rel="stylesheet" href="${path}">`).join("\n")}
</head>
<body style="margin: 0">
<div id="page"></div>
<noscript>This page needs JavaScript. The document itself lies at <a href="/openapi.json">/openapi.json</a>.</noscript>
${scripts.map((path) => `<script src="${path}"></script>`).join("\n")}
</body>
</html>
`

export const swaggerPage = docsPage({
  title: "Rookery: try the API",
  scripts: ["/docs/swagger-ui-bundle.js", "/docs/init.js"],
  styles: ["/docs/swagger-ui.css"]
})

export const redocPage = docsPage({
  title: "Rookery: API reference",
  scripts: ["/redoc/redoc.standalone.js", "/redoc/init.js"]
})

/** Both libraries write style attributes and style elements. */
const library = {
  scripts: "'self'",
  styles: "'self' 'unsafe-inline'",
  connections: "'self'",
  images: "'self' data:"
}

export const swaggerHeaders = pageHeaders(library)

/** ReDoc searches in a worker that it makes of a blob. */
export const redocHeaders = pageHeaders({ ...library, workers: "blob:" })
