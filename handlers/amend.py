"""Something changed in a day after its lock: a new edition, and anew the week that holds it."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.office import Office
from bot.core.rollup import DaySnapshot
from handlers.close import freeze_again
from handlers.editions import editions_of
from handlers.post_digest import post_digest
from storage.tables import OccurrenceRow


async def amend(
    session: AsyncSession, office: Office, occurrence: OccurrenceRow, now: datetime
) -> str:
    """Post what changed as any update of the digest; the papers of the week are told of it."""
    before = await editions_of(session, occurrence.day)
    outcome = await post_digest(session, office, occurrence, now)
    after = await editions_of(session, occurrence.day)
    if before and len(after) > len(before):
        units = _changed(before[-1], after[-1])
        await freeze_again(session, office, occurrence.day, units, now)
    return outcome


def _changed(before: DaySnapshot, after: DaySnapshot) -> list[str]:
    """Return the names of the units that stand otherwise in the second of two editions."""
    old = {e.unit: e for e in before.entries}
    return [e.name for e in after.entries if old.get(e.unit) != e]
