"""Rookery's routes as people who know FastAPI and SQLAlchemy would write them for speed:

- uvicorn on uvloop and httptools, one process, no log for each request: errors alone are written;
- SQLAlchemy's Core on asyncpg with its cache of prepared statements, one round trip for each request;
- pydantic for parameters, query and body; answers straight from orjson, without a response model in between;
- tokens verified by PyJWT, which is asked once for each (a bounded cache);
- Argon2id on a thread, WebSockets without compression, an event encoded once for all who are told."""

import logging
import os
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI

from contacts import contact_routes
from database import Database
from messages import message_routes
from rooms import Rooms
from sign_in import sign_in_route
from sockets import socket_routes
from tokens import Tokens


def _required(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise SystemExit(f"{name} must be set")
    return value


def _secret() -> str:
    secret = _required("JWT_SECRET")
    if len(secret.encode()) < 32:
        raise SystemExit("JWT_SECRET must have at least 32 bytes")
    return secret


def _port() -> int:
    port = _required("PORT")
    if not port.isdecimal() or not 1 <= int(port) <= 65_535:
        raise SystemExit(f"PORT must be 1 to 65535, and is {port}")
    return int(port)


def make_app(database: Database, tokens: Tokens, public_url: str) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_app: FastAPI):
        yield
        await database.close()

    silent = {"tracing": False, "metrics": False, "logs": False}
    app = FastAPI(lifespan=lifespan, openapi_url=None, telemetry=silent)
    talk, address_book = Rooms(), Rooms()
    app.include_router(contact_routes(database, tokens, address_book, public_url))
    app.include_router(sign_in_route(database, tokens))
    app.include_router(message_routes(database, tokens, talk))
    app.include_router(socket_routes(database, tokens, talk, address_book))
    return app


class _Server(uvicorn.Server):
    async def startup(self, sockets=None) -> None:
        await super().startup(sockets)
        if self.started:
            print("listening", flush=True)


def _is_news(record: logging.LogRecord) -> bool:
    """uvicorn takes a handshake that was refused with a body for one that was forgotten."""
    return "without completing handshake" not in record.getMessage()


def main() -> None:
    host, port = os.environ.get("HOST", "127.0.0.1"), _port()
    app = make_app(Database(_required("DATABASE_URL")), Tokens(_secret()), f"http://{host}:{port}")
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
        log_level="error",
        access_log=False,
        timeout_keep_alive=65,
        timeout_graceful_shutdown=1,
        ws_max_size=4096,
        ws_ping_interval=30,
        ws_ping_timeout=60,
        ws_per_message_deflate=False,
    )
    logging.getLogger("uvicorn.error").addFilter(_is_news)
    _Server(config).run()


if __name__ == "__main__":
    main()
