import { createHash } from "node:crypto"
import { HttpServerResponse } from "effect/http"
import { pageHeaders } from "./ContentPolicy.ts"

export const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

const style = `
:root { color-scheme: light dark; --ink: #1f1b2d; --quiet: #625d72; --paper: #fbfaf7; --card: #fff; --line: #e4e0ea;
  --edge: #8a839b; --accent: #4b3f72; --on-accent: #fff; --wrong: #a1262b }
@media (prefers-color-scheme: dark) {
  :root { --ink: #ece9f4; --quiet: #a7a1ba; --paper: #17141f; --card: #201c2b; --line: #383248; --edge: #7d7690;
    --accent: #b9a9ee; --on-accent: #17141f; --wrong: #ff9d9d }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.6 system-ui, sans-serif }
main { max-width: 28rem; margin: 12vh auto 0; padding: 2rem; border: 1px solid var(--line); border-radius: 0.75rem;
  background: var(--card) }
h1 { margin: 0 0 0.75rem; font-size: 1.4rem; line-height: 1.3 }
p { margin: 0 0 1rem }
p:last-child { margin: 0 }
label { display: block; font-weight: 600 }
small { display: block; margin: 0.25rem 0 0; color: var(--quiet); font-size: 0.875rem }
input { display: block; width: 100%; margin: 0.35rem 0 0; padding: 0.6rem 0.7rem; border: 1px solid var(--edge);
  border-radius: 0.5rem; background: var(--paper); color: inherit; font: inherit }
button { margin: 1.25rem 0 0; padding: 0.65rem 1.3rem; border: 0; border-radius: 0.5rem; background: var(--accent);
  color: var(--on-accent); font: inherit; font-weight: 600; cursor: pointer }
input:focus-visible, button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
[role=alert] { color: var(--wrong) }
`

export interface HtmlPage {
  readonly status: number
  readonly title: string
  /** What comes below the title, as HTML. */
  readonly content: string
}

/** Its only style is named by its hash, it runs no script, and its forms lead nowhere else. */
const headers = {
  ...pageHeaders({
    styles: `'sha256-${createHash("sha256").update(style).digest("base64")}'`,
    images: "'self'",
    forms: "'self'"
  }),
  "cache-control": "no-store",
  "x-robots-tag": "noindex"
}

/** A small page for people, which no cache keeps and no other page learns the address of. */
export const htmlPage = ({ content, status, title }: HtmlPage): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.text(
    `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escaped(title)} – Rookery</title>
<link rel="icon" type="image/svg+xml" href="/docs/favicon.svg">
<style>${style}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
${content}
</main>
</body>
</html>
`,
    { status, headers, contentType: "text/html; charset=utf-8" }
  )
