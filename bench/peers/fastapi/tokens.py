import hashlib
import time
import uuid
from functools import lru_cache

import jwt
from fastapi import HTTPException, Request

ACCESS_LIFETIME = 900
"""In seconds."""


class Tokens:
    """HS256 by PyJWT, with a bounded memory of what it has verified."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._verified = lru_cache(maxsize=10_000)(self._verify)

    def _verify(self, token: str) -> tuple[int, float]:
        options = {"require": ["sub", "exp"], "verify_aud": False, "verify_iat": False}
        claims = jwt.decode(token, self._secret, algorithms=["HS256"], options=options)
        return int(claims["sub"]), float(claims["exp"])

    def account_of(self, token: str) -> int | None:
        """Whose token it is, if it is one."""
        try:
            account, expires = self._verified(token)
        except (jwt.InvalidTokenError, ValueError):
            return None
        return account if account > 0 and expires > time.time() else None

    async def bearer(self, request: Request) -> int:
        """A dependency: the account of the request's token. Not of a thread, as one that is no coroutine would be."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        account = self.account_of(token.strip()) if scheme.lower() == "bearer" else None
        if account is None:
            raise HTTPException(401, "Invalid or missing token")
        return account

    def issue(self, account: int, session: uuid.UUID) -> tuple[str, str, bytes]:
        """The tokens of a new session: access, refresh and the hash of the latter."""
        now = int(time.time())
        claims = {"sub": str(account), "sid": str(session), "iss": "rookery", "aud": "rookery", "iat": now}
        access = claims | {"purpose": "access", "jti": str(uuid.uuid4()), "exp": now + ACCESS_LIFETIME}
        refresh = claims | {"purpose": "refresh", "gen": 0, "jti": f"{session}/0"}
        refresh_token = jwt.encode(refresh, self._secret, "HS256")
        digest = hashlib.sha256(refresh_token.encode()).digest()
        return jwt.encode(access, self._secret, "HS256"), refresh_token, digest
