"""A doubt that somebody else raises about a report, put before the person who answers for it."""

from sqlalchemy import and_, or_
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.desk import Cursor, Step
from storage.database import insert_into
from storage.tables import CursorRow, columns

_cursor = columns(CursorRow)


async def stand_at(
    connection: AsyncConnection,
    cursor: Cursor,
    *,
    unit_id: int,
    person_id: int,
    place: tuple[str, str],
    screen: str,
    posted: str,
) -> None:
    """Let a person's next message answer what they are shown, unless they are at something else.

    Args:
        place: channel and chat.
        screen, posted: of the message that shows it, as in `Shown`.
    """
    channel, chat = place
    same = and_(_cursor.unit_id == unit_id, _cursor.day == cursor.day)
    row = {
        "person_id": person_id,
        "channel": channel,
        "chat": chat,
        "unit_id": unit_id,
        "step": cursor.step,
        "day": cursor.day,
        "asked": list(cursor.asked),
        "seen": cursor.seen,
        "screens": [screen],
        "posted": posted,
    }
    keys = ("person_id", "channel", "chat")
    statement = insert_into(connection, CursorRow)
    statement = statement.on_conflict_do_update(
        index_elements=keys,
        set_={k: statement.excluded[k] for k in row if k not in keys},
        where=or_(_cursor.step == Step.IDLE, same),
    )
    await connection.execute(statement, [row])
