from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from answers import json_answer
from database import Database
from pages import page_headers
from rooms import Rooms
from search_text import search_term
from texts import Filled
from tokens import Tokens

ContactId = Annotated[int, Path(ge=1, le=2**53 - 1)]


class NewNote(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    body: Annotated[Filled, Field(max_length=100_000)]


def _note(row) -> dict[str, object]:
    return {
        "id": row["id"],
        "contact_id": row["contact_id"],
        "body": row["body"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "processing": {
            "status": row["processing_status"],
            "attempts": row["processing_attempts"],
            "last_error": row["processing_error"],
            "processed_at": row["processed_at"],
        },
    }


def contact_routes(database: Database, tokens: Tokens, address_book: Rooms, public_url: str) -> APIRouter:
    router = APIRouter(prefix="/api/v1/contacts")
    Account = Annotated[int, Depends(tokens.bearer)]
    url = f"{public_url}/api/v1/contacts"
    find_contact = database.prepared("contact")
    list_contacts = database.prepared("contacts")
    search_contacts = database.prepared("search")
    insert_note = database.prepared("note")

    @router.get("/{contact_id}")
    async def read_contact(contact_id: ContactId, account: Account):
        rows = await find_contact(contact_id, account)
        if not rows:
            raise HTTPException(404, "Contact not found")
        return json_answer(dict(rows[0]))

    @router.get("")
    async def list_page(
        account: Account,
        search: Annotated[str | None, Query(max_length=255, pattern=r"^[^\x00]*$")] = None,
        skip: Annotated[int, Query(ge=0, le=999_999_999_999_999)] = 0,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
    ):
        if search is None or not search.strip():
            search, rows = None, await list_contacts(account, limit, skip)
        else:
            rows = await search_contacts(account, limit, skip, search_term(search))
        contacts = [dict(row) for row in rows if row["id"] is not None]
        for contact in contacts:
            del contact["total"]
        return json_answer(contacts, 200, page_headers(url, skip, limit, rows[0]["total"], search))

    # One statement, and so one transaction and one round trip, for the note, its event and its notification.
    @router.post("/{contact_id}/notes")
    async def add_note(contact_id: ContactId, note: NewNote, account: Account):
        rows = await insert_note(contact_id, account, note.body)
        if not rows:
            raise HTTPException(404, "Contact not found")
        row = rows[0]
        if row["newest_id"] is not None:
            change = {"event": "note_created", "contact_id": contact_id, "note_id": row["id"]}
            address_book.tell(account, change | {"timestamp": row["newest_at"], "id": row["newest_id"]})
        return json_answer(_note(row), 201, {"location": f"{url}/{contact_id}/notes/{row['id']}"})

    return router
