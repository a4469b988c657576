import type { Account } from "../../../domain/accounts/Account.ts"
import type { PublicUrl } from "../PublicUrl.ts"
import type { V1Account } from "./V1AccountSchemas.ts"

/** The account as v1 shows it to its owner. */
export const accountToWire =
  ({ to }: PublicUrl["Service"]) =>
  (account: Account): V1Account => ({
    id: account.id,
    username: account.username,
    email: account.email,
    pending_email: account.pendingEmail,
    is_verified: account.emailVerifiedAt !== null,
    avatar_url: account.avatarId === null ? null : to(`/api/v1/avatars/${account.avatarId}`),
    created_at: account.createdAt
  })
