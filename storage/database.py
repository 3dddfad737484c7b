"""One database, one writer at a time."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=5000",
)


class Database:
    """Connections to the database; writing is serialised here, reading is not.

    A write transaction begins IMMEDIATE, so that two of them never meet half way, and must not
    wait on the network.
    """

    def __init__(self, url: str) -> None:
        # hide_parameters: what people wrote must not reach the log with an error.
        self._engine = create_async_engine(url, hide_parameters=True)
        self._writing = asyncio.Lock()
        if self._engine.dialect.name == "sqlite":
            event.listen(self._engine.sync_engine, "connect", _prepare)
            event.listen(self._engine.sync_engine, "begin", _begin)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Yield a connection in a write transaction; commit at the end, roll back on an error."""
        async with self._writing, self._engine.connect() as connection:
            connection = await connection.execution_options(writes=True)
            async with connection.begin():
                yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Yield a connection that sees one consistent state."""
        async with self._engine.connect() as connection, connection.begin():
            yield connection

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """Yield a session in a write transaction, for what is rare; commit at the end."""
        async with (
            self.write() as connection,
            AsyncSession(bind=connection, expire_on_commit=False) as session,
        ):
            yield session
            await session.flush()

    @asynccontextmanager
    async def read_session(self) -> AsyncIterator[AsyncSession]:
        """Yield a session for questions only: it never waits for a writer, nor lets one wait."""
        async with (
            self.read() as connection,
            AsyncSession(bind=connection, expire_on_commit=False) as session,
        ):
            yield session

    async def close(self) -> None:
        await self._engine.dispose()


async def to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """Do work on the database that comes to its end even if the caller is cancelled meanwhile.

    A statement that is cut off may leave the database locked for who still has to write.
    """
    task = asyncio.create_task(work)
    try:
        await asyncio.shield(task)
    finally:
        if not task.done():
            await asyncio.wait([task])


def is_passing(error: Exception) -> bool:
    """Whether a fault lies with the machine, as a locked or full disk does, and trying again may
    help; otherwise it lies with what was to be written.
    """
    if not isinstance(error, OperationalError):
        return isinstance(error, OSError)
    # SQLite gives the same class to statements that it cannot carry out, such as a too long one.
    return getattr(error.orig, "sqlite_errorcode", None) != sqlite3.SQLITE_ERROR


def _prepare(connection: Any, _record: object) -> None:
    # The driver's own implicit BEGIN is switched off: ours says IMMEDIATE for writes.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def insert_into(
    connection: AsyncConnection, table: type[SQLModel]
) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that knows ON CONFLICT, in the dialect of the connection."""
    dialect = {"sqlite": sqlite, "postgresql": postgresql}[connection.dialect.name]
    insert: sqlite.Insert | postgresql.Insert = dialect.insert(table)
    return insert
