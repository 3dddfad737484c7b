"""Files that go with messages: kept once, whatever number of messages carries them."""

import hashlib
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.messaging import File
from storage.database import insert_into
from storage.tables import KeptFile, columns

_kept = columns(KeptFile)


async def keep_file(
    connection: AsyncConnection, body: bytes, name: str, *, picture: bool = False, now: datetime
) -> File:
    """Keep a file and return it as messages name it; the same bytes are kept once."""
    digest = hashlib.sha256(body).hexdigest()
    row = insert_into(connection, KeptFile).values(sha256=digest, body=body, kept_at=now)
    await connection.execute(row.on_conflict_do_nothing(index_elements=["sha256"]))
    return File(digest, name, picture)


async def content_of(connection: AsyncConnection, file: File) -> bytes:
    """Return the bytes of a file that was kept.

    Raises:
        NoResultFound: it never was.
    """
    body: bytes = (
        await connection.execute(select(_kept.body).where(_kept.sha256 == file.sha256))
    ).scalar_one()
    return body
