"""What a person's chat waits for: the reason of a command, the report of another unit."""

from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.desk import Cursor, Step
from storage.conversations import Case
from storage.database import insert_into
from storage.tables import CursorRow


async def wait_for_reason(
    connection: AsyncConnection, case: Case, command: str, *, now: datetime
) -> None:
    """Take what the person says next in this chat for the reason of a command."""
    await _keep(connection, case, ordered={"command": command, "at": now.isoformat()})


async def forget_order(connection: AsyncConnection, case: Case) -> None:
    """Wait for no reason any more."""
    if case.ordered:
        await _keep(connection, case, ordered=None)


async def enter_for(
    connection: AsyncConnection,
    case: Case,
    *,
    unit_id: int,
    day: date,
    reason: str,
    until: datetime,
    cursor: Cursor,
    screen: str,
    posted: str,
) -> None:
    """Let the person report for a unit and day in this chat, as those do who report for it.

    Args:
        until: from then on it ends by itself.
        cursor: where the form that they are shown leaves them.
        screen, posted: `Outbound.screen` and `Outbound.key` of that form.
    """
    enters = {
        "unit": unit_id,
        "day": day.isoformat(),
        "reason": reason,
        "until": until.isoformat(),
    }
    stands = {
        "unit_id": unit_id,
        "step": cursor.step,
        "day": cursor.day,
        "asked": list(cursor.asked),
        "seen": cursor.seen,
        "screens": [screen],
        "posted": posted,
    }
    await _keep(connection, case, enters=enters, ordered=None, **stands)


async def keep_cursor(
    connection: AsyncConnection, case: Case, cursor: Cursor, unit_id: int
) -> None:
    """Write where the person stands after a command that shows something and asks nothing."""
    stands = {
        "unit_id": unit_id,
        "step": cursor.step,
        "day": cursor.day,
        "asked": list(cursor.asked),
        "seen": cursor.seen,
    }
    await _keep(connection, case, ordered=None, posted="", **stands)


async def stop_entering(connection: AsyncConnection, case: Case) -> None:
    """Let the person's words in this chat be no report of the other unit any more."""
    idle: dict[str, Any] = {
        "unit_id": None,
        "step": Step.IDLE,
        "day": None,
        "asked": [],
        "seen": "",
    }
    await _keep(connection, case, enters=None, **idle)


async def _keep(connection: AsyncConnection, case: Case, **values: Any) -> None:
    place = {
        "person_id": case.person_id,
        "channel": case.inbound.channel,
        "chat": case.inbound.chat,
    }
    empty = {"step": Step.IDLE, "asked": [], "seen": "", "screens": [], "posted": ""}
    statement = insert_into(connection, CursorRow).values({**place, **empty, **values})
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=["person_id", "channel", "chat"],
            set_={name: statement.excluded[name] for name in values},
        )
    )
