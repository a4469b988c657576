import asyncio
from collections.abc import Coroutine

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect

MOST_SOCKETS = 20
"""Of each account and topic, as Rookery has it: one more closes the oldest."""
PATIENCE = 1.0
"""Seconds that a client may take to read what it is told."""


class Rooms:
    """The sockets of one topic, by account."""

    def __init__(self) -> None:
        self._rooms: dict[int, dict[WebSocket, None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def stay(self, account: int, socket: WebSocket, welcome: dict[str, object]) -> None:
        """Holds an accepted socket until its client goes; what that sends is passed over."""
        room = self._rooms.setdefault(account, {})
        room[socket] = None
        if len(room) > MOST_SOCKETS:
            self.run(next(iter(room)).close(4429, "Too many connections of this account"))
        try:
            await socket.send_text(orjson.dumps(welcome, option=orjson.OPT_UTC_Z).decode())
            while (await socket.receive())["type"] != "websocket.disconnect":
                pass
        except (WebSocketDisconnect, RuntimeError):
            pass  # It has gone before it was welcomed.
        finally:
            room.pop(socket, None)
            if not room and self._rooms.get(account) is room:
                del self._rooms[account]

    def tell(self, account: int, event: dict[str, object]) -> bool:
        """Whether somebody was there to be told. The event is encoded once for all, and nobody is waited for."""
        room = self._rooms.get(account)
        if not room:
            return False
        message = orjson.dumps(event, option=orjson.OPT_UTC_Z).decode()
        self.run(self._send(list(room), message))
        return True

    @staticmethod
    async def _send(sockets: list[WebSocket], message: str) -> None:
        """One task for all: only a client that does not read makes the others wait, and it is cut off soon."""
        for socket in sockets:
            try:
                async with asyncio.timeout(PATIENCE):
                    await socket.send_text(message)
            except TimeoutError:
                await socket.close(1013)
            except (WebSocketDisconnect, RuntimeError):
                pass  # It has gone meanwhile.

    def run(self, work: Coroutine[None, None, None]) -> None:
        """Goes on while nobody waits for it."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
