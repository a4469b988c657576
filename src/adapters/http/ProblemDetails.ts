import { statusName } from "./StatusName.ts"

export const problemType = "application/problem+json"

/** The members of RFC 9457. `about:blank` says that the problem is the status and nothing more special. */
export const problemDetails = (status: number, detail: string) => ({
  type: "about:blank",
  title: statusName(status),
  status,
  detail
})
