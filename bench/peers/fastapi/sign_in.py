import asyncio
import uuid
from typing import Annotated

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.security import OAuth2PasswordRequestForm

from answers import json_answer
from database import Database
from tokens import ACCESS_LIFETIME, Tokens

# Rookery's, and OWASP's: 19 MiB, two passes, one lane.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# Verified where there is no such account, so that this takes as long.
_nobodys = _hasher.hash(str(uuid.uuid4()))


def _matches(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (Argon2Error, InvalidHashError):
        return False


def sign_in_route(database: Database, tokens: Tokens) -> APIRouter:
    router = APIRouter()
    by_username = database.prepared("account-by-username")
    by_email = database.prepared("account-by-email")
    insert_session = database.prepared("session")
    refused = HTTPException(401, "Invalid username, e-mail address or password")

    @router.post("/api/v1/auth/login")
    async def sign_in(form: Annotated[OAuth2PasswordRequestForm, Depends()], request: Request):
        identifier = form.username.lower()
        if "\0" in identifier:
            raise refused
        is_email = "@" in identifier
        rows = await (by_email if is_email else by_username)(identifier)
        account = rows[0] if rows else None
        # The library lets go of the interpreter's lock while it computes.
        stored = account["password_hash"] if account else _nobodys
        if not await asyncio.to_thread(_matches, stored, form.password) or account is None:
            raise refused
        if is_email and account["email_verified_at"] is None:
            raise HTTPException(403, "The e-mail address is not verified")
        session = uuid.uuid4()
        access, refresh, digest = tokens.issue(account["id"], session)
        agent = request.headers.get("user-agent")
        if not await insert_session(account["id"], stored, session, agent, digest):
            raise refused
        pair = {"access_token": access, "refresh_token": refresh, "token_type": "bearer", "expires_in": ACCESS_LIFETIME}
        return json_answer(pair, 200, {"cache-control": "no-store"})

    return router
