import { Context, Layer } from "effect"

/** Where the outside reaches the server, which its own address does not tell. */
export class PublicUrl extends Context.Service<
  PublicUrl,
  {
    /** Absolute, of a path that begins with a slash. */
    readonly to: (path: string) => string
  }
>()("rookery/adapters/http/PublicUrl") {
  /** `url` is without a slash at the end. */
  static readonly layer = (url: string) => Layer.succeed(PublicUrl, { to: (path) => `${url}${path}` })
}
