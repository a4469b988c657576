import { createHash } from "node:crypto"
import { pageHeaders } from "../ContentPolicy.ts"
import { escaped } from "../HtmlPage.ts"

const style = `
:root { color-scheme: light dark; --ink: #1f1b2d; --quiet: #625d72; --paper: #fbfaf7; --card: #fff; --line: #e4e0ea;
  --accent: #4b3f72; --code: #f3f1f7 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #ece9f4; --quiet: #a7a1ba; --paper: #17141f; --card: #201c2b; --line: #383248; --accent: #b9a9ee;
    --code: #2a2538 }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.6 system-ui, sans-serif }
main { max-width: 46rem; margin: 0 auto; padding: 4rem 1.25rem }
header { display: flex; align-items: center; gap: 1rem }
header img { width: 3.25rem; height: 3.25rem }
h1 { margin: 0; font-size: 2rem; line-height: 1.2; letter-spacing: -0.02em }
h1 small { font-size: 0.9rem; font-weight: 400; letter-spacing: 0; color: var(--quiet) }
h2 { margin: 2.75rem 0 0.75rem; font-size: 1.05rem }
p { margin: 1.25rem 0 0 }
a { color: var(--accent) }
nav { display: grid; grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr)); gap: 0.75rem; margin-top: 2rem }
nav a { padding: 0.9rem 1.1rem; border: 1px solid var(--line); border-radius: 0.6rem; background: var(--card);
  text-decoration: none }
nav a:hover, nav a:focus-visible { border-color: var(--accent) }
nav b { display: block; font-family: ui-monospace, monospace; font-weight: 600 }
nav span { color: var(--quiet); font-size: 0.9rem }
pre { margin: 0; padding: 1rem 1.1rem; overflow-x: auto; border: 1px solid var(--line); border-radius: 0.6rem;
  background: var(--code); font: 0.85rem/1.7 ui-monospace, monospace }
pre i { color: var(--quiet); font-style: normal }
`

const links: ReadonlyArray<readonly [path: string, what: string]> = [
  ["/docs", "Try every request in the browser"],
  ["/redoc", "Read the whole reference"],
  ["/openapi.json", "The OpenAPI 3.1 document"],
  ["/asyncapi.json", "What it tells by itself: the AsyncAPI 3 document"],
  ["/health", "Whether the server is alive"],
  ["/ready", "Whether what it needs answers"],
  ["/metrics", "Figures for Prometheus"]
]

const firstRequests = (url: string) => `<i># an account</i>
curl ${url}/auth/register -H 'content-type: application/json' \\
  -d '{"username": "chioma", "password": "correct horse battery"}'

<i># its token</i>
curl ${url}/login -d username=chioma \\
  -d 'password=correct horse battery'

<i># a contact</i>
curl ${url}/contacts -H 'authorization: Bearer &lt;access_token&gt;' \\
  -H 'content-type: application/json' -d '{"name": "Ada Lovelace"}'`

export interface LandingPageOptions {
  /** Where the outside reaches the server, without a slash at the end. */
  readonly publicUrl: string
  readonly version: string
}

/** One page that says what this is and where the rest lies. */
export const landingPage = ({ publicUrl, version }: LandingPageOptions): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="An address book with notes that become events">
<title>Rookery</title>
<link rel="icon" type="image/svg+xml" href="/docs/favicon.svg">
<style>${style}</style>
</head>
<body>
<main>
<header><img src="/docs/favicon.svg" alt=""><h1>Rookery <small>${escaped(version)}</small></h1></header>
<p>One server behind several APIs: accounts and sessions, an address book, and notes that become events. A token from
any of them opens the others.</p>
<nav>
${links.map(([path, what]) => `<a href="${path}"><b>${path}</b><span>${what}</span></a>`).join("\n")}
</nav>
<h2>A first request</h2>
<pre>${firstRequests(escaped(publicUrl))}</pre>
</main>
</body>
</html>
`

/** The page's only style is named by its hash, and it runs no script. */
export const landingHeaders = pageHeaders({
  styles: `'sha256-${createHash("sha256").update(style).digest("base64")}'`,
  images: "'self'"
})
