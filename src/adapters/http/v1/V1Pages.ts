import type { HttpServerResponse } from "effect/http"
import { escaped, htmlPage } from "../HtmlPage.ts"

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

const sentence = (text: string): string => {
  const whole = capitalised(text)
  return /[.!?]$/.test(whole) ? whole : `${whole}.`
}

/** It went as it should. */
export const successPage = (title: string, text: string): HttpServerResponse.HttpServerResponse =>
  htmlPage({ status: 200, title, content: `<p>${escaped(sentence(text))}</p>` })

export const failurePage = (status: number, text: string): HttpServerResponse.HttpServerResponse =>
  htmlPage({ status, title: "This did not work", content: `<p role="alert">${escaped(sentence(text))}</p>` })

export interface PasswordForm {
  readonly status: number
  /** Of the link that allows it. */
  readonly token: string
  /** What was wrong with the last try. */
  readonly complaint?: string
}

/** Asks for a new password. It is sent to where the page lies, without the token in the address. */
export const passwordPage = ({ complaint, status, token }: PasswordForm): HttpServerResponse.HttpServerResponse =>
  htmlPage({
    status,
    title: "Choose a new password",
    content: `<form method="post" action="?">
${complaint === undefined ? "" : `<p id="complaint" role="alert">${escaped(sentence(complaint))}</p>\n`}<input type="hidden" name="token" value="${escaped(token)}">
<label for="password">New password</label>
<input id="password" name="password" type="password" autocomplete="new-password" minlength="8" required autofocus
  aria-describedby="rule${complaint === undefined ? "" : " complaint"}"${complaint === undefined ? "" : ' aria-invalid="true"'}>
<small id="rule">At least 8 characters. It signs you out everywhere.</small>
<button type="submit">Set password</button>
</form>`
  })
