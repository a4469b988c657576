import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Sessions } from "../../../application/accounts/Sessions.ts"
import type { Session, SessionId } from "../../../domain/accounts/Session.ts"
import { CurrentSession } from "../Authorization.ts"
import { deviceName } from "../DeviceName.ts"
import { V1Api } from "./V1Api.ts"
import { NotFound } from "./V1Errors.ts"
import type { V1Session } from "./V1SessionSchemas.ts"

const toWire = (current: SessionId) => (session: Session) =>
  Effect.map(deviceName(session.userAgent), (device): V1Session => ({
    id: session.id,
    device,
    user_agent: session.userAgent,
    dialect: session.dialect,
    created_at: session.createdAt,
    last_used_at: session.lastUsedAt,
    expires_at: session.expiresAt,
    current: session.id === current
  }))

export const V1SessionsHandlers = HttpApiBuilder.group(
  V1Api,
  "sessions",
  Effect.fn(function* (handlers) {
    const sessions = yield* Sessions

    return handlers.handleAll({
      listSessions: () =>
        CurrentSession.use(({ accountId, id }) => Effect.flatMap(sessions.list(accountId), Effect.forEach(toWire(id)))),
      endSessions: ({ query }) =>
        CurrentSession.use(({ accountId, id }) =>
          sessions.endAll(accountId, query.keep === "current" ? id : undefined)
        ),
      endSession: ({ params }) =>
        CurrentSession.use(({ accountId }) =>
          Effect.mapError(sessions.endById(accountId, params.session_id), () => NotFound.of("Session not found"))
        )
    })
  })
)
