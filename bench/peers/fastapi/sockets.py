from datetime import UTC, datetime

from fastapi import APIRouter, WebSocket
from starlette.responses import Response

from answers import json_answer
from database import Database
from rooms import Rooms
from tokens import Tokens


def _connected(newest_id: int) -> dict[str, object]:
    return {"event": "connected", "timestamp": datetime.now(UTC), "id": newest_id}


async def _refuse(socket: WebSocket, status: int, detail: str) -> None:
    response: Response = json_answer({"detail": detail}, status)
    await socket.send_denial_response(response)


def socket_routes(database: Database, tokens: Tokens, talk: Rooms, address_book: Rooms) -> APIRouter:
    """The WebSockets by which clients are told what happens. A browser can set no header: the token is in the URL."""
    router = APIRouter()
    find_talker = database.prepared("talk-connected")
    begin_address_book = database.prepared("address-book-connected")

    async def account_of(socket: WebSocket) -> int | None:
        account = tokens.account_of(socket.query_params.get("token", ""))
        if account is None:
            await _refuse(socket, 401, "Invalid or missing token")
        return account

    @router.websocket("/api/notifications")
    async def talk_notifications(socket: WebSocket) -> None:
        account = await account_of(socket)
        if account is None:
            return
        rows = await find_talker(account)
        if not rows or rows[0]["phone_number"] is None:
            return await _refuse(socket, 400, "This account has no phone number")
        await socket.accept()
        await talk.stay(account, socket, _connected(rows[0]["newest_id"]))

    @router.websocket("/api/v1/notifications")
    async def address_book_notifications(socket: WebSocket) -> None:
        account = await account_of(socket)
        if account is None:
            return
        rows = await begin_address_book(account)
        if not rows:
            return await _refuse(socket, 401, "Invalid or missing token")
        await socket.accept()
        await address_book.stay(account, socket, _connected(rows[0]["newest_id"]))

    return router
