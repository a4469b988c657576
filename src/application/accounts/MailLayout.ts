import { type MailContent, MailSubject } from "../../domain/shared/Mailer.ts"

export interface MailDraft {
  readonly subject: string
  /** What it says before the link, a paragraph each. */
  readonly paragraphs: ReadonlyArray<string>
  /** The one thing to do. */
  readonly link?: { readonly label: string; readonly url: string }
  /** What it says after the link. */
  readonly closing: ReadonlyArray<string>
  /** Where the server is reached, which is whom the mail comes from. */
  readonly publicUrl: string
}

const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

const plain = ({ closing, link, paragraphs, publicUrl }: MailDraft) =>
  [
    ...paragraphs,
    // Alone on its line, so that nothing is taken for a part of it.
    ...(link === undefined ? [] : [`${link.label}:\n${link.url}`]),
    ...closing,
    `Rookery\n${publicUrl}\n`
  ].join("\n\n")

const font = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
const quiet = "color:#625d72;font-size:14px;line-height:1.5"

const button = ({ label, url }: NonNullable<MailDraft["link"]>) => `
<p style="margin:28px 0"><a href="${escaped(url)}" style="display:inline-block;padding:12px 22px;border-radius:8px;background:#4b3f72;color:#ffffff;font-weight:600;text-decoration:none">${escaped(label)}</a></p>
<p style="margin:0 0 20px;${quiet}">Or open this address:<br><a href="${escaped(url)}" style="color:#4b3f72;word-break:break-all">${escaped(url)}</a></p>`

// Mail programs keep the styles of elements and little else. Nothing is loaded from anywhere.
const html = (draft: MailDraft) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(draft.subject)}</title>
</head>
<body style="margin:0;padding:0;background:#fbfaf7">
<div style="max-width:520px;margin:0 auto;padding:32px 16px;${font};font-size:16px;line-height:1.6;color:#1f1b2d">
<div style="padding:28px;border:1px solid #e4e0ea;border-radius:12px;background:#ffffff">
<h1 style="margin:0 0 20px;font-size:21px;line-height:1.3">${escaped(draft.subject)}</h1>
${draft.paragraphs.map((text) => `<p style="margin:0 0 16px">${escaped(text)}</p>`).join("\n")}${draft.link === undefined ? "" : button(draft.link)}
${draft.closing.map((text) => `<p style="margin:0 0 12px;${quiet}">${escaped(text)}</p>`).join("\n")}
</div>
<p style="margin:16px 0 0;text-align:center;${quiet}">Rookery &middot; <a href="${escaped(draft.publicUrl)}" style="color:#625d72">${escaped(draft.publicUrl)}</a></p>
</div>
</body>
</html>
`

/** The same mail as plain text and as HTML. */
export const mailContent = (draft: MailDraft): MailContent => ({
  subject: MailSubject.make(draft.subject),
  text: plain(draft),
  html: html(draft)
})
