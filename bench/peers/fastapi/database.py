"""SQLAlchemy's Core on asyncpg. Every request is one statement, and so its own transaction: nothing is sent to begin or
to end one. The dialect prepares each statement once on each of ten connections."""

import re
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import RowMapping, make_url
from sqlalchemy.ext.asyncio import create_async_engine

_statements = Path(__file__).parent.parent / "sql"


def _read(name: str) -> str:
    """The SQL that all peers send; its `$1` is `:p1` here, and a cast of it is spelled out for text()'s sake."""
    sql = (_statements / f"{name}.sql").read_text(encoding="utf-8").strip()
    return re.sub(r"\$(\d+)", r":p\1", re.sub(r"\$(\d+)::(\w+)", r"CAST(:p\1 AS \2)", sql))


class Database:
    def __init__(self, url: str) -> None:
        self._engine = create_async_engine(
            make_url(url).set(drivername="postgresql+asyncpg"),
            pool_size=10,
            max_overflow=0,
            isolation_level="AUTOCOMMIT",
        )

    def prepared(self, name: str):
        statement = text(_read(name))

        async def run(*values: Any) -> list[RowMapping]:
            parameters = {f"p{number}": value for number, value in enumerate(values, start=1)}
            async with self._engine.connect() as connection:
                return list((await connection.execute(statement, parameters)).mappings())

        return run

    async def close(self) -> None:
        await self._engine.dispose()
