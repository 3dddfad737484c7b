"""After the deadline: one message to each superior with all of its missing units."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import oversight_messages
from bot.core.digest import unit_names
from bot.core.office import Office
from handlers.missing import still_missing
from handlers.scene import notice
from storage.office import reachable, units_on
from storage.outbox import enqueue
from storage.reports import entries_of
from storage.tables import OccurrenceRow

_SUPERIORS = ("coordinator",)


async def escalate(
    session: AsyncSession, office: Office, occurrence: OccurrenceRow, now: datetime
) -> str:
    """Tell each coordinator which of the units below theirs have not reported."""
    connection = await session.connection()
    entries = await entries_of(connection, occurrence.day, form_id=office.form.id)
    names = unit_names(entries)
    titles = {u.code: u.name for u in await units_on(session, occurrence.day)}
    period = office.period(occurrence.day)
    told = 0
    for superior in await reachable(session, _SUPERIORS, today=now.date()):
        missing = [e for e in still_missing(entries) if superior.unit in (e.parent, e.unit)]
        if not missing:
            continue
        title = titles.get(superior.unit, office.name)
        says = oversight_messages.superior_notice(title, [names[e.unit] for e in missing], period)
        key = f"escalation@{occurrence.day.isoformat()}/{superior.unit}"
        until = occurrence.useful_until
        message = notice(key, superior.channel, superior.chat, says, useful_until=until)
        await enqueue(connection, message, now=now)
        told += 1
    return f"{told} superiors told"
