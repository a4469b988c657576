/** What a page may load: by default nothing at all. */
export interface PageSources {
  readonly scripts?: string
  readonly styles?: string
  readonly connections?: string
  readonly images?: string
  readonly workers?: string
  /** Where its forms may be sent. */
  readonly forms?: string
}

/** Headers of a page: its Content Security Policy, under which no byte comes from another host. */
export const pageHeaders = ({ connections, forms = "'none'", images, scripts, styles, workers }: PageSources) => {
  const directives = {
    "default-src": "'none'",
    "script-src": scripts,
    "style-src": styles,
    "connect-src": connections,
    "img-src": images,
    "worker-src": workers,
    "base-uri": "'none'",
    "form-action": forms,
    "frame-ancestors": "'none'"
  }
  return {
    "content-security-policy": Object.entries(directives)
      .filter(([, sources]) => sources !== undefined)
      .map(([directive, sources]) => `${directive} ${sources}`)
      .join("; "),
    "referrer-policy": "no-referrer"
  }
}
