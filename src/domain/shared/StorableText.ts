/**
 * Any text, made fit to be stored and at most `maximum` UTF-16 code units long: for what others say (the reason of a
 * failure), which must never be why it can't be written down.
 */
export const storableText = (text: string, maximum: number): string =>
  text.slice(0, maximum).toWellFormed().replaceAll("\u0000", "\uFFFD")
