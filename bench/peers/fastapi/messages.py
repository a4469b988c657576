from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from answers import json_answer
from database import Database
from rooms import Rooms
from texts import Filled
from tokens import Tokens


class NewMessage(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    phone_number: Annotated[str, Field(pattern=r"^\+?[0-9]{7,15}$")]
    message_type: Literal["text"]
    message: Annotated[Filled, Field(max_length=10_000)]


def _refusal(status: int, message: str):
    return json_answer({"success": False, "message": message}, status)


def _updated(with_number: str, entry) -> dict[str, object]:
    return {
        "event": "messages_updated",
        "sender": with_number,
        "timestamp": entry["newest_at"],
        "id": entry["newest_id"],
    }


def message_routes(database: Database, tokens: Tokens, talk: Rooms) -> APIRouter:
    router = APIRouter(prefix="/api/messages")
    insert_message = database.prepared("message")
    mark_delivered = database.prepared("delivered")

    async def ring(sender: int, row) -> None:
        """Tells the friend, and then the sender that it was delivered. The answer does not wait for it."""
        if not talk.tell(row["receiver_id"], _updated(row["sender"], row)):
            return
        for entry in await mark_delivered(row["receiver_id"], sender):
            talk.tell(sender, _updated(row["receiver"], entry))

    # One statement for all that a message changes, and another once it was delivered.
    @router.post("/send")
    async def send(message: NewMessage, account: Annotated[int, Depends(tokens.bearer)]):
        rows = await insert_message(account, message.phone_number.removeprefix("+"), message.message)
        if not rows or rows[0]["sender"] is None:
            return _refusal(400, "This account has no phone number")
        row = rows[0]
        if row["known"] == 0:
            return _refusal(404, "Recipient not found")
        if row["id"] is None:
            return _refusal(403, "Only friends can write to each other")
        talk.run(ring(account, row))
        sent = {
            "id": row["id"],
            "sender": row["sender"],
            "receiver": row["receiver"],
            "message": message.message,
            "message_type": "text",
            "media_type": None,
            "media_content_id": None,
            "status": row["status"],
            "created_at": row["created_at"],
        }
        return json_answer({"success": True, "messages": [sent]})

    return router
